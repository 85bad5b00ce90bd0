// Released schemas are pinned for ever with their id: schemas/released/NNNN-Record.json. The registry is compared with
// them, never trusted before them, and can be made again from them.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCodec, type Codec, type ReleasedSchema } from './codec.ts';
import { loadMessageSchemas, type AvroSchema } from './load.ts';

const folder = fileURLToPath(new URL('./released/', import.meta.url));

/** All released schemas in the order of their ids. */
export const readReleased = (from: string = folder): readonly ReleasedSchema[] =>
  readdirSync(from)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(from, file), 'utf8')) as ReleasedSchema);

/** Pins every current schema that is not yet released under the next free id; returns the names of the new ones. */
export const releaseSchemas = (to: string = folder): readonly string[] => {
  mkdirSync(to, { recursive: true });
  const released = readReleased(to);
  let id = released.reduce((highest, entry) => Math.max(highest, entry.id), 0);
  const added: string[] = [];
  for (const [fullName, { schema }] of loadMessageSchemas()) {
    const text = JSON.stringify(schema);
    if (released.some((entry) => entry.fullName === fullName && JSON.stringify(entry.schema) === text)) continue;
    id += 1;
    const short = fullName.slice(fullName.lastIndexOf('.') + 1);
    writeFileSync(
      join(to, `${String(id).padStart(4, '0')}-${short}.json`),
      `${JSON.stringify({ id, fullName, schema }, null, 1)}\n`,
    );
    added.push(fullName);
  }
  return added;
};

/** The codec of this version, built from the files alone. */
export const loadCodec = (released: readonly ReleasedSchema[] = readReleased()): Codec =>
  createCodec(released, new Map([...loadMessageSchemas()].map(([fullName, { schema }]) => [fullName, schema as AvroSchema])));
