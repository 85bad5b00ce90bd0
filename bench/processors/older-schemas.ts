// A log that more than one version has written: an older schema of each event of a holding, pinned beside the released ones in a folder
// of the measured stack, so that registry, product and Kafka Streams find it under its id. The product itself is at its first versions.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReleasedSchema } from '#schemas/codec.ts';
import type { AvroSchema } from '#schemas/load.ts';
import { readReleased } from '#schemas/released.ts';

/** Events that change a holding. */
export const holdingEvents = ['CommitmentMade', 'OpeningBalanceRecorded', 'ValuationRecorded'] as const;
export type HoldingEventName = (typeof holdingEvents)[number];

/** Fields that the older version did not have yet, of the events and of their envelope; each has a default. */
const laterFields = new Set([
  'findings',
  'side_letter_terms',
  'reported_irr',
  'reported_multiple',
  'reported_vintage_year',
  'valuation_source',
]);
/** Far above any release of ours, below what a registry counts by itself (schemas/registry/ensure.ts). */
const firstId = 999_001;

const withoutLater = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withoutLater);
  if (typeof schema !== 'object' || schema === null) return schema;
  const node = schema as Readonly<Record<string, unknown>>;
  const fields = node['fields'] as readonly { readonly name: string; readonly type: unknown }[] | undefined;
  return {
    ...node,
    ...(fields === undefined
      ? {}
      : {
          fields: fields
            .filter(({ name }) => !laterFields.has(name))
            .map((field) => ({ ...field, type: withoutLater(field.type) })),
        }),
  };
};

/** Current and older schema of an event. */
export interface WriterVersions {
  readonly current: ReleasedSchema;
  readonly older: ReleasedSchema;
}

/** Both versions of each event of a holding. */
export const writerVersions = (): Readonly<Record<HoldingEventName, WriterVersions>> => {
  const released = readReleased();
  const versionsOf = (name: HoldingEventName, place: number): WriterVersions => {
    const current = released.findLast(({ fullName }) => fullName === `stratcap.event.${name}`);
    if (current === undefined) throw new Error(`${name} is not among the released schemas`);
    return { current, older: { ...current, id: firstId + place, schema: withoutLater(current.schema) as AvroSchema } };
  };
  const [commitment, opening, valuation] = holdingEvents;
  return {
    [commitment]: versionsOf(commitment, 0),
    [opening]: versionsOf(opening, 1),
    [valuation]: versionsOf(valuation, 2),
  };
};

/** Writes the released schemas and the older ones into a folder, for STRATCAP_RELEASED_SCHEMAS. */
export const writeReleasedFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  cpSync(fileURLToPath(new URL('../../schemas/released/', import.meta.url)), folder, { recursive: true });
  for (const [name, { older }] of Object.entries(writerVersions()))
    writeFileSync(join(folder, `${older.id}-${name}.json`), JSON.stringify(older));
};
