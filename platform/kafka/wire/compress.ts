// Compression of record batches for writing. zstd at its lowest level is the product's choice (measured: better in ratio and speed
// than lz4 and snappy, and part of Node); the others are here because a topic may be asked to hold them.
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** The number of a codec in the attributes of a batch. */
export const CODEC_IDS: Readonly<Record<Codec, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 };

const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export const compress = (codec: Codec, payload: Buffer): Buffer => {
  switch (codec) {
    case 'gzip':
      return gzipSync(payload, { level: 1 });
    case 'snappy':
      return compressSync(payload);
    case 'lz4':
      return compressFrameSync(payload);
    case 'zstd':
      return zstdCompressSync(payload, ZSTD);
    case 'none':
      return payload;
  }
};
