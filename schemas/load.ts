// Reads the .avsc files and inlines the types that they name, so that each record becomes one self-contained schema.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Parsed Avro schema, as JSON. */
export type AvroSchema = string | AvroSchema[] | { readonly [attribute: string]: unknown };

/** A named schema of a file. */
export interface NamedSchema {
  readonly fullName: string;
  /** Folder below schemas/: commands, events, facts, tables, outcomes or shared. */
  readonly folder: string;
  readonly file: string;
  readonly schema: { readonly [attribute: string]: unknown };
}

const here = fileURLToPath(new URL('.', import.meta.url));
export const messageFolders = ['commands', 'events', 'facts', 'tables', 'outcomes'] as const;

const nameOf = (schema: { readonly [attribute: string]: unknown }): string =>
  `${String(schema['namespace'])}.${String(schema['name'])}`;

/** All schemas as the files state them, shared types included. */
export const readSchemaFiles = (root: string = here): readonly NamedSchema[] =>
  ['shared', ...messageFolders].flatMap((folder) => {
    const path = join(root, folder);
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
    return readdirSync(path)
      .filter((file) => file.endsWith('.avsc'))
      .sort()
      .map((file) => {
        const schema = JSON.parse(readFileSync(join(path, file), 'utf8')) as { readonly [attribute: string]: unknown };
        return { fullName: nameOf(schema), folder, file: join(folder, file), schema };
      });
  });

const inline = (schema: unknown, known: ReadonlyMap<string, NamedSchema>, seen: Set<string>): unknown => {
  if (Array.isArray(schema)) return schema.map((branch) => inline(branch, known, seen));
  if (typeof schema === 'string') {
    const named = known.get(schema);
    if (named === undefined || seen.has(schema)) return schema;
    return inline(named.schema, known, seen);
  }
  if (typeof schema !== 'object' || schema === null) return schema;
  const node = schema as { readonly [attribute: string]: unknown };
  if (typeof node['name'] === 'string' && typeof node['namespace'] === 'string') seen.add(nameOf(node));
  const copy: { [attribute: string]: unknown } = { ...node };
  if ('type' in node) copy['type'] = inline(node['type'], known, seen);
  if ('items' in node) copy['items'] = inline(node['items'], known, seen);
  if (Array.isArray(node['fields']))
    copy['fields'] = node['fields'].map((field: { readonly type: unknown }) => ({
      ...field,
      type: inline(field.type, known, seen),
    }));
  return copy;
};

/** Self-contained schemas of all message records, by full name, shared types inlined at their first use. */
export const loadMessageSchemas = (root: string = here): ReadonlyMap<string, NamedSchema> => {
  const files = readSchemaFiles(root);
  const known = new Map(files.map((file) => [file.fullName, file]));
  return new Map(
    files
      .filter((file) => file.folder !== 'shared')
      .map((file) => [
        file.fullName,
        { ...file, schema: inline(file.schema, known, new Set()) as { readonly [attribute: string]: unknown } },
      ]),
  );
};
