// Keeps the schema registry equal to schemas/released: registers what is missing under exactly the pinned ids, compares
// at every start, stops at a difference, and makes a lost registry again.
import type { ReleasedSchema } from '../codec.ts';
import { readReleased } from '../released.ts';
import { blanksMax, createRegistryClient, RegistryError, textOf, type RegistryClient } from './client.ts';
import { subjectsOf, type Subject } from './subjects.ts';

/**
 * Ids below it are kept for released schemas: with the first registration the registry's own counting goes on above it, so
 * that a schema of somebody else never takes the id of our next release.
 */
export const reservedIdsEnd = 1_000_000;
const reservation = {
  type: 'record',
  namespace: 'stratcap.registry',
  name: 'ReservedIds',
  doc: `Ids below ${reservedIdsEnd} belong to schemas/released.`,
  fields: [],
};

export interface RegistryTarget {
  /** Base of the Confluent-compatible API. */
  readonly url: string;
  readonly topicPrefix: string;
  /** The pinned schemas; schemas/released unless given. */
  readonly released?: readonly ReleasedSchema[];
}

/** What was found and done, counted in subjects. */
export interface RegistryReport {
  readonly subjects: number;
  readonly registered: readonly string[];
  /** Subjects whose wrong id was taken away first; only by a restore. */
  readonly mended: readonly string[];
}

interface Finding {
  readonly subject: Subject;
  /** missing: to be registered; wrong-id: the subject knows the schema under another id. */
  readonly kind: 'equal' | 'missing' | 'wrong-id';
  readonly id: number | null;
  readonly version: number | null;
}

const inParallel = async <Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  const width = 8;
  for (let at = 0; at < items.length; at += width) results.push(...(await Promise.all(items.slice(at, at + width).map(work))));
  return results;
};

const compare = (client: RegistryClient, subjects: readonly Subject[]): Promise<readonly Finding[]> =>
  inParallel(subjects, async (subject): Promise<Finding> => {
    const found = await client.lookup(subject.name, subject.released.schema);
    if (found === null) return { subject, kind: 'missing', id: null, version: null };
    if (found.id === subject.released.id) {
      const level = await client.compatibilityOf(subject.name);
      if (level !== subject.compatibility) await client.setCompatibility(subject.name, subject.compatibility);
    }
    return { subject, kind: found.id === subject.released.id ? 'equal' : 'wrong-id', id: found.id, version: found.version };
  });

/** Of the schemas to register, those whose id is still free. @throws RegistryError when an id belongs to another schema. */
const freeIds = async (client: RegistryClient, missing: readonly Subject[]): Promise<readonly ReleasedSchema[]> => {
  const unique = [...new Map(missing.map(({ released }) => [released.id, released])).values()];
  const free = await inParallel(unique, async (released) => {
    const users = await client.subjectsOf(released.id);
    const [user] = users;
    if (user === undefined) return released;
    // The registry rewrites what it shows of a schema, so it is asked whether it finds ours under that id.
    if ((await client.lookup(user, released.schema))?.id === released.id) return null;
    throw new RegistryError(
      'registry-differs',
      `schema id ${released.id} is ${released.fullName} in schemas/released, but the registry has another schema under it (${users.join(', ')}). ` +
        'Nothing was changed. Delete that subject there if it is not in use, or give StratCap a registry of its own (SCHEMA_REGISTRY_URL).',
    );
  });
  return free.filter((released) => released !== null);
};

/**
 * Registers a schema so that it gets its pinned id. A registry that ever had the text under another id remembers that
 * for good (also after a permanent deletion, tried), so the pinned id is then given to the same schema with a blank at its end.
 */
const registerPinned = async (client: RegistryClient, { name, released }: Subject, canImport: boolean): Promise<void> => {
  for (let blanks = 0; blanks <= blanksMax; blanks += 1) {
    const id = await client.register(name, textOf(released.schema, blanks));
    if (id === released.id) return;
    const wrong = await client.lookup(name, released.schema);
    if (wrong !== null) await client.deleteVersion(name, wrong.version);
    if (!canImport || blanks === blanksMax) {
      throw new RegistryError(
        'registry-differs',
        `the registry gave ${name} the id ${id}, pinned is ${released.id}; the registration was taken back. ` +
          'The registry was not empty and cannot import ids: give StratCap an empty registry, or an Apicurio Registry, whose import keeps ids.',
      );
    }
    await client.importContents([{ id: released.id, text: textOf(released.schema, blanks + 1) }]);
  }
};

const registerMissing = async (client: RegistryClient, missing: readonly Subject[]): Promise<void> => {
  if (missing.length === 0) return;
  const free = await freeIds(client, missing);
  const canImport = await client.canImport();
  if (free.length > 0 && canImport) {
    await client.importContents([
      ...free.map(({ id, schema }) => ({ id, text: textOf(schema) })),
      { id: reservedIdsEnd, text: JSON.stringify(reservation) },
    ]);
  }
  const registerOne = async (subject: Subject): Promise<void> => {
    await registerPinned(client, subject, canImport);
    await client.setCompatibility(subject.name, subject.compatibility);
  };
  if (canImport) await inParallel(missing, registerOne);
  // In the order of the ids: a registry that cannot import counts up, and so gives the same ids when it was empty.
  else for (const subject of missing) await registerOne(subject);
};

/**
 * Compares the registry with the pinned schemas and registers the missing ones under their pinned ids; a second call changes
 * nothing. Several topic prefixes may share a registry, also at the same time. Call it at the start of every role.
 * @throws RegistryError `registry-differs` with the subject, both ids and the way out; nothing may be written then.
 */
export const ensureReleased = async ({
  url,
  topicPrefix,
  released = readReleased(),
}: RegistryTarget): Promise<RegistryReport> => {
  const client = createRegistryClient(url);
  const findings = await compare(client, subjectsOf(released, topicPrefix));
  const wrong = findings.find((finding) => finding.kind === 'wrong-id');
  if (wrong !== undefined) {
    throw new RegistryError(
      'registry-differs',
      `${wrong.subject.name} has the id ${wrong.id} in the registry, pinned is ${wrong.subject.released.id}. ` +
        'Messages would be read with the wrong schema. If the registry was lost and filled anew, run: stratcap registry restore',
    );
  }
  const missing = findings.filter((finding) => finding.kind === 'missing').map((finding) => finding.subject);
  await registerMissing(client, missing);
  return { subjects: findings.length, registered: missing.map((subject) => subject.name), mended: [] };
};

/**
 * Makes the registry again after a loss, with the same ids: what is missing is registered, and what somebody registered
 * since under another id is taken away and registered under the pinned one.
 * @throws RegistryError `registry-differs` when a pinned id is in use for another schema; it names the subjects.
 */
export const restoreRegistry = async ({
  url,
  topicPrefix,
  released = readReleased(),
}: RegistryTarget): Promise<RegistryReport> => {
  const client = createRegistryClient(url);
  const findings = await compare(client, subjectsOf(released, topicPrefix));
  const wrong = findings.filter((finding) => finding.kind === 'wrong-id');
  await freeIds(
    client,
    wrong.map((finding) => finding.subject),
  );
  // The newest version first: a registry that checks compatibility on deletion sees a history without holes.
  for (const { subject, version } of wrong.toReversed()) await client.deleteVersion(subject.name, version ?? 0);
  const absent = findings.filter((finding) => finding.kind !== 'equal').map((finding) => finding.subject);
  await registerMissing(client, absent);
  return {
    subjects: findings.length,
    registered: absent.map((subject) => subject.name),
    mended: wrong.map((finding) => finding.subject.name),
  };
};
