// Whether the released versions of a record can read one another, by Avro's own resolution rules, without a registry.
import { avroType } from '../avsc-type.ts';
import type { ReleasedSchema } from '../codec.ts';
import { topics, type TopicDefinition } from '../topics.ts';
import { carries } from './subjects.ts';

/** A pair of released schemas of which one cannot read what the other wrote. */
export interface Incompatibility {
  readonly fullName: string;
  readonly readerId: number;
  readonly writerId: number;
  readonly reason: string;
}

/** The compatibility that the topic of a record demands; null when no topic carries it. */
export const levelOf = (fullName: string): TopicDefinition['compatibility'] | null =>
  Object.values(topics).find((topic) => carries(topic, fullName))?.compatibility ?? null;

const cannotRead = (reader: ReleasedSchema, writer: ReleasedSchema): string | null => {
  try {
    avroType(reader.schema).createResolver(avroType(writer.schema));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/**
 * Every break of compatibility among released schemas. FULL_TRANSITIVE: each version reads every other one. BACKWARD, held here
 * against every version: each version reads all earlier ones (old commands stay readable while they are kept).
 */
export const incompatibilities = (released: readonly ReleasedSchema[]): readonly Incompatibility[] =>
  released.flatMap((reader) =>
    released.flatMap((writer): Incompatibility[] => {
      if (writer.fullName !== reader.fullName || writer.id === reader.id) return [];
      const level = levelOf(reader.fullName);
      if (level === 'NONE' || level === null || (level === 'BACKWARD' && writer.id > reader.id)) return [];
      const reason = cannotRead(reader, writer);
      return reason === null ? [] : [{ fullName: reader.fullName, readerId: reader.id, writerId: writer.id, reason }];
    }),
  );
