// Projections: which fields of which records a processor needs, and the type of what it then gets.
import type { CommandByType, EventByType, EventEnvelope, EventType, FactByType } from '#domain/messages.ts';
import type { AvroNode, RecordNode } from './avro-node.ts';
import type { Wanted } from './resolve.ts';

type Prefixed<Prefix extends string, ByType> = { [Type in keyof ByType & string as `${Prefix}.${Type}`]: ByType[Type] };

/** Records by full name; `stratcap.event.*` stands for every event that is not named itself. */
type RecordByName = Prefixed<'stratcap.command', CommandByType> &
  Prefixed<'stratcap.event', EventByType> &
  Prefixed<'stratcap.fact', FactByType> & { readonly 'stratcap.event.*': { readonly envelope: EventEnvelope } };

type IsRecord<Value> =
  NonNullable<Value> extends readonly unknown[] | Uint8Array ? false : NonNullable<Value> extends object ? true : false;

/** Fields of a record and of the records within it, for example `fund_id` and `envelope.event_id`. */
export type FieldPath<Value> = {
  [Field in keyof Value & string]: IsRecord<Value[Field]> extends true
    ? Field | `${Field}.${FieldPath<NonNullable<Value[Field]>>}`
    : Field;
}[keyof Value & string];

type Head<Path extends string> = Path extends `${infer First}.${string}` ? First : Path;
type Tail<Path extends string, First extends string> = Path extends `${First}.${infer Rest}` ? Rest : never;

/** A record with only the fields of the paths. */
export type PickPaths<Value, Path extends string> = Value extends null
  ? null
  : {
      readonly [Field in keyof Value & string as Field extends Head<Path> ? Field : never]: Field extends Path
        ? Value[Field]
        : PickPaths<Value[Field], Tail<Path, Field>>;
    };

/** The wanted fields by the full name of the record. */
export type FieldsByRecord = { readonly [Name in keyof RecordByName]?: readonly FieldPath<RecordByName[Name]>[] };

type ShortName<Name> = Name extends `stratcap.${string}.${infer Short}` ? Short : never;
type TypeOf<Name, Named> = Name extends 'stratcap.event.*' ? Exclude<EventType, ShortName<Named>> : ShortName<Name>;

/** What a projection gives: a record type with the wanted fields. */
export type Projected<Fields extends FieldsByRecord> = {
  [Name in keyof Fields & keyof RecordByName]: Fields[Name] extends readonly (infer Path extends string)[]
    ? { readonly type: TypeOf<Name, keyof Fields>; readonly value: PickPaths<RecordByName[Name], Path> }
    : never;
}[keyof Fields & keyof RecordByName];

export interface Projection<Fields extends FieldsByRecord> {
  /**
   * The wanted fields of a message; null when its record is not wanted.
   * @throws DecodeError
   */
  read(bytes: Uint8Array | null): Projected<Fields> | null;
}

type WantedFields = { [field: string]: WantedFields | null };

const recordIn = (node: AvroNode): RecordNode | undefined =>
  node.kind === 'union'
    ? node.branches.map(recordIn).find((record) => record !== undefined)
    : node.kind === 'record'
      ? node
      : undefined;

const addPath = (wanted: WantedFields, record: RecordNode, path: readonly string[], named: string): void => {
  const [first = '', ...rest] = path;
  const field = record.fields.find(({ name }) => name === first);
  const within = field === undefined ? undefined : recordIn(field.node);
  if (field === undefined || (rest.length > 0 && within === undefined))
    throw new Error(
      `${named} is no field of ${record.names[0] ?? ''}; fields: ${record.fields.map(({ name }) => name).join(', ')}`,
    );
  if (rest.length === 0) wanted[first] = null;
  else if (wanted[first] !== null && within !== undefined) addPath((wanted[first] ??= {}), within, rest, named);
};

/** The wanted fields of each record that a projection covers. @throws Error naming a record or field that does not exist. */
export const wantedOf = (fields: FieldsByRecord, records: ReadonlyMap<string, RecordNode>): ReadonlyMap<string, Wanted> => {
  const { 'stratcap.event.*': ofOthers, ...named } = fields;
  const byName = new Map<string, readonly string[]>(Object.entries(named as Record<string, readonly string[]>));
  for (const name of byName.keys())
    if (!records.has(name)) throw new Error(`a projection names ${name}, which is no record of this version`);
  if (ofOthers !== undefined)
    for (const name of records.keys()) if (name.startsWith('stratcap.event.') && !byName.has(name)) byName.set(name, ofOthers);
  return new Map(
    [...byName].map(([name, paths]) => {
      const wanted: WantedFields = {};
      for (const path of paths) addPath(wanted, records.get(name) as RecordNode, path.split('.'), path);
      return [name, wanted];
    }),
  );
};
