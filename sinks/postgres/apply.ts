// One transaction of the sink: positions first, so that a zombie waits and then stops before it writes a row, then rows, then notices.
import type { Pool } from 'pg';
import { inTransaction } from '#platform/postgres/transaction.ts';
import { addEvent } from './add-event.ts';
import { addFact, investorOfFact } from './add-fact.ts';
import { emptyBatch, type Batch } from './batch.ts';
import type { LogItem } from './log-item.ts';
import { furtherInvestors, subjectOf } from './mapping/subject.ts';
import { sendNotices, type ChangeNotice } from './notify.ts';
import { movePositions, positionKey, type LogIdentity, type PositionMove, type Positions, type Source } from './positions.ts';
import { sqlInstant } from './sql-values.ts';
import { writeBatch } from './write.ts';

/** Items of one partition, in order, with where its source is read on after them. */
export interface Portion {
  readonly source: Source;
  readonly partition: number;
  readonly items: readonly LogItem[];
  readonly sourceNextOffset: bigint;
}

/** What a transaction is to write, with the moves of positions that it makes. */
export interface Application {
  readonly portions: readonly Portion[];
  readonly batch: Batch;
  readonly moves: readonly PositionMove[];
  readonly notices: readonly ChangeNotice[];
}

/** What the items of one partition say about it, filled in place. */
interface Step {
  readonly partition: number;
  nextOffset: bigint;
  /** Microseconds; null while nothing was recorded since the position before. */
  recordedAt: number | null;
  readonly funds: Set<string>;
  readonly investors: Set<string>;
}

const note = (ids: Set<string>, id: string | null): void => {
  if (id !== null) ids.add(id);
};

/** Adds one item to the batch and to what its partition says about itself. */
const addItem = (batch: Batch, step: Step, item: LogItem): void => {
  switch (item.kind) {
    case 'event': {
      addEvent(batch, item.event, { partition: step.partition, offset: item.offset });
      const subject = subjectOf(item.event);
      note(step.funds, subject.fund_id);
      note(step.investors, subject.investor_id);
      for (const id of furtherInvestors(item.event)) step.investors.add(id);
      step.recordedAt = item.event.value.envelope.recorded_at;
      return;
    }
    case 'fact':
      addFact(batch, item.fact);
      note(step.funds, item.fact.value.fund_id);
      note(step.investors, investorOfFact(item.fact));
      return;
    case 'progress':
      step.nextOffset = BigInt(item.progress.next_offset);
      step.recordedAt = item.progress.recorded_at ?? step.recordedAt;
      return;
    case 'unreadable':
      throw item.error;
  }
};

/**
 * Folds portions into rows, moves and notices, from `positions`. Items of `known` stand in the database already: only the position
 * passes them.
 */
export const prepare = (portions: readonly Portion[], positions: Positions, known: ReadonlySet<LogItem>): Application => {
  const batch = emptyBatch();
  const moves: PositionMove[] = [];
  const notices: ChangeNotice[] = [];
  for (const { source, partition, items, sourceNextOffset } of portions) {
    const from = positions.get(positionKey(source, partition));
    if (from === undefined) throw new Error(`no position for ${source} partition ${partition}`);
    const step: Step = { partition, nextOffset: from.nextOffset, recordedAt: null, funds: new Set(), investors: new Set() };
    for (const item of items) {
      if (!known.has(item)) addItem(batch, step, item);
    }
    const nextOffset = source === 'events' ? sourceNextOffset : step.nextOffset;
    const recordedAt = step.recordedAt === null ? from.recordedAt : sqlInstant(step.recordedAt);
    moves.push({ from, to: { source, partition, nextOffset, recordedAt, sourceNextOffset } });
    notices.push({ source, partition, nextOffset, funds: step.funds, investors: step.investors });
  }
  return { portions, batch, moves, notices };
};

export interface WriteOptions {
  readonly pool: Pool;
  readonly schema: string;
  readonly log: LogIdentity;
  /** Whether listeners are told. */
  readonly notify: boolean;
}

/** Writes an application, all or nothing. @throws SinkError, or the error of Postgres. */
export const write = (application: Application, options: WriteOptions): Promise<void> =>
  inTransaction(
    options.pool,
    async (client) => {
      await movePositions(client, options.log, application.moves);
      await writeBatch(client, application.batch);
      if (options.notify) await sendNotices(client, application.notices);
    },
    { schema: options.schema },
  );
