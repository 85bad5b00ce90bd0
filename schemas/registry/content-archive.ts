// The import file of Apicurio Registry 3 (a zip of JSON entities) with nothing but contents: a text under a given id.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A schema text and the id that it must have. */
export interface PinnedContent {
  readonly id: number;
  readonly text: string;
}

const bytesOf = (layout: readonly (readonly [size: 2 | 4, value: number])[]): Buffer =>
  Buffer.concat(
    layout.map(([size, value]) => {
      const field = Buffer.alloc(size);
      field.writeUIntLE(value, 0, size);
      return field;
    }),
  );

// 1980-01-01, the earliest date of the format, so that the same contents give the same bytes.
const dosTime = 0;
const dosDate = 33;

/** A zip file of stored (uncompressed) entries, by the order of `files`. */
export const zip = (files: readonly (readonly [name: string, text: string])[]): Buffer<ArrayBuffer> => {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of files) {
    const nameBytes = Buffer.from(name, 'utf8');
    const data = Buffer.from(text, 'utf8');
    // Version 2.0, names in UTF-8 (flag 0x0800), method 0 (stored).
    const common = bytesOf([
      [2, 20],
      [2, 0x0800],
      [2, 0],
      [2, dosTime],
      [2, dosDate],
      [4, crc32(data)],
      [4, data.length],
      [4, data.length],
      [2, nameBytes.length],
      [2, 0],
    ]);
    bodies.push(bytesOf([[4, 0x04034b50]]), common, nameBytes, data);
    directory.push(
      bytesOf([
        [4, 0x02014b50],
        [2, 20],
      ]),
      common,
      bytesOf([
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, offset],
      ]),
      nameBytes,
    );
    offset += 4 + common.length + nameBytes.length + data.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const end = bytesOf([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, files.length],
    [2, files.length],
    [4, directoryBytes.length],
    [4, offset],
    [2, 0],
  ]);
  return Buffer.concat([...bodies, directoryBytes, end]);
};

/** The import file that stores each text under its id. A content without an artifact is enough: registering the same text finds it by its hash. */
export const contentArchive = (contents: readonly PinnedContent[]): Buffer<ArrayBuffer> => {
  const manifest = {
    systemVersion: '3.3.3',
    systemName: 'Apicurio Registry (SQL)',
    systemDescription: '',
    exportVersion: '3.0',
    exportedOn: 0,
    exportedBy: '',
    dbVersion: '109',
  };
  return zip([
    ['manifest.Manifest.json', JSON.stringify(manifest)],
    ...contents.flatMap(({ id, text }): [string, string][] => {
      const hash = createHash('sha256').update(text).digest('hex');
      const entity = {
        contentId: id,
        canonicalHash: hash,
        contentHash: hash,
        artifactType: null,
        contentType: 'application/json',
        serializedReferences: null,
      };
      return [
        [`content/${hash}.Content.json`, JSON.stringify(entity)],
        [`content/${hash}.Content.data`, text],
      ];
    }),
  ]);
};
