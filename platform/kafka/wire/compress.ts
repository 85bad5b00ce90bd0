// Compression of record batches for writing. zstd at its lowest level is the product's choice (measured: better in ratio and speed
// than lz4 and snappy, and part of Node); the others are here because a topic may be asked to hold them.
import { promisify } from 'node:util';
import { constants, gzip, gzipSync, zstdCompress, zstdCompressSync } from 'node:zlib';
import { compressFrame, compressFrameSync } from 'lz4-napi';
import { compress as compressSnappy, compressSync } from 'snappy';

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** The number of a codec in the attributes of a batch. */
export const CODEC_IDS: Readonly<Record<Codec, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 };

const ZSTD_PARAMS = { [constants.ZSTD_c_compressionLevel]: 1 };

/** Node works through its output in pieces of this size, 16 KiB unless told: one or two pieces are a good deal quicker. */
const pieceOf = (payload: Buffer): number => Math.max(4_096, Math.ceil(payload.length / 2));

/** On this thread: for small payloads, which are done before another thread would have begun. */
export const compressNow = (codec: Codec, payload: Buffer): Buffer => {
  switch (codec) {
    case 'gzip':
      return gzipSync(payload, { level: 1, chunkSize: pieceOf(payload) });
    case 'snappy':
      return compressSync(payload);
    case 'lz4':
      return compressFrameSync(payload);
    case 'zstd':
      return zstdCompressSync(payload, { params: ZSTD_PARAMS, chunkSize: pieceOf(payload) });
    case 'none':
      return payload;
  }
};

const zstdLater = promisify(zstdCompress);
const gzipLater = promisify(gzip);

/** On a thread of the pool, so that this one computes on meanwhile. The payload must not change until it is done. */
export const compressLater = (codec: Codec, payload: Buffer): Promise<Buffer> => {
  switch (codec) {
    case 'gzip':
      return gzipLater(payload, { level: 1, chunkSize: pieceOf(payload) });
    case 'snappy':
      return compressSnappy(payload);
    case 'lz4':
      return compressFrame(payload);
    case 'zstd':
      return zstdLater(payload, { params: ZSTD_PARAMS, chunkSize: pieceOf(payload) });
    case 'none':
      return Promise.resolve(payload);
  }
};
