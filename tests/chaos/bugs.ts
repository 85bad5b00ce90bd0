// Bugs that the harness must find: each is a change of the product's source, made while a worker process loads it (preload.ts).
// A text that is no longer there stops the process, so that a bug is never silently not planted.

interface Change {
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug {
  /** What the code then does wrong. */
  readonly doc: string;
  readonly changes: readonly Change[];
}

export const bugs = {
  'skip-the-fence': {
    doc: 'member id and epoch are left out of the offsets of a transaction, so that the group no longer refuses a worker that it has thrown out',
    changes: [
      {
        file: 'platform/kafka/client/worker.ts',
        find: 'return this.membership === null ? null : { id: this.id, epoch: this.membership.epoch };',
        replace: 'return null;',
      },
    ],
  },
  'fold-before-commit': {
    doc: 'state that ran ahead of a transaction is kept when that transaction fails, and when the partition comes back',
    changes: [
      {
        file: 'processors/runtime/partitions.ts',
        find: 'task.running = {\n      state: restored.state,',
        replace: `const kept = ((globalThis as any).__kept ??= new Map());
    const key = processor.name + '/' + partition;
    if (!kept.has(key)) kept.set(key, restored.state);
    task.running = {\n      state: kept.get(key),`,
      },
    ],
  },
  'ignore-the-aborted-filter': {
    doc: 'records of aborted transactions are delivered',
    changes: [
      {
        file: 'platform/kafka/wire/partition-decoder.ts',
        find: 'createDeliveryFilter(input.aborted ?? [])',
        replace: 'createDeliveryFilter(input.aborted === null ? [] : [])',
      },
    ],
  },
  'offsets-outside-the-transaction': {
    doc: 'the positions are committed after the records, in a transaction of their own',
    changes: [
      {
        file: 'platform/kafka/client/worker.ts',
        find: 'if (positions.size > 0) await this.sendOffsets(identity, positions);',
        replace: '',
      },
      {
        file: 'platform/kafka/client/worker.ts',
        find: "this.identity = await endTransaction(cluster, { transactionalId }, identity, 'commit');",
        replace: `const between = draft_is_empty(await packing) ? identity : await endTransaction(cluster, { transactionalId }, identity, 'commit');
    if (positions.size > 0) await this.sendOffsets(between, positions);
    this.identity = positions.size > 0 ? await endTransaction(cluster, { transactionalId }, between, 'commit') : between;`,
      },
      {
        file: 'platform/kafka/client/worker.ts',
        find: 'interface Held {',
        replace:
          'const draft_is_empty = (packed: readonly PartitionBatches[]): boolean => packed.length === 0;\ninterface Held {',
      },
    ],
  },
  'reuse-a-position-of-another-epoch': {
    doc: 'a worker that gets a partition back goes on from the position it knew when it had it before',
    changes: [
      {
        file: 'processors/runtime/open-partition.ts',
        find: 'const committed = await worker.committed(partition);',
        replace: `const known = ((globalThis as any).__positions ??= new Map());
  const key = processor.name + '/' + partition;
  const asked = await worker.committed(partition);
  const committed = known.has(key) ? known.get(key) : asked;
  if (!known.has(key) && asked !== null) known.set(key, asked);`,
      },
    ],
  },
  'jump-over-expired-offsets': {
    doc: 'a committed position before the first kept offset is moved forward instead of stopping the partition',
    changes: [
      {
        file: 'processors/runtime/start-position.ts',
        find: 'if (committed < low)\n',
        replace: 'if (committed < low) return { position: low, end: high };\n  if (committed < low)\n',
      },
    ],
  },
  'poison-is-dropped': {
    doc: 'a command that cannot be decoded is passed over without a dead letter when another one came in the same transaction',
    changes: [
      {
        file: 'processors/runtime/testing/positions.ts',
        find: "return { kind: 'DeadLetter', reason: 'not-decodable', detail: textOf(input.value), cause };",
        replace:
          "return state.count % 2 === 0 ? { kind: 'Emit', records: [] } : { kind: 'DeadLetter', reason: 'not-decodable', detail: textOf(input.value), cause };",
      },
    ],
  },
  'read-unstable-positions': {
    doc: 'the committed position of a partition is read without waiting for the transaction that is about to change it',
    changes: [
      {
        file: 'platform/kafka/wire/offset-fetch.ts',
        find: '.bool(true).noTags().bytes()',
        replace: '.bool(false).noTags().bytes()',
      },
    ],
  },
} as const satisfies Readonly<Record<string, PlantedBug>>;

export type BugName = keyof typeof bugs;
export const bugNames = Object.keys(bugs) as readonly BugName[];
export const isBugName = (name: string): name is BugName => name in bugs;
