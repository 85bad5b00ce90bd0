// Records of the topics as one batch of rows and watermarks. Tables of current versions get the last row of a key only: they would drop
// the others at their next merge.
import type {
  AnyEvent,
  CapitalAccount,
  CashFlow,
  HypotheticalLiquidation,
  JournalEntry,
  NavRoll,
  Performance,
  ProcessorProgress,
  QualityFinding,
} from '#domain/messages.ts';
import type { Warehouse } from '#platform/clickhouse/client.ts';
import type { FetchedPartition, InboundRecord } from '#platform/kafka/port.ts';
import type { Codec } from '#schemas/codec.ts';
import { LookUpFailed, messageOf } from './errors.ts';
import { type FormerFundRow, rowsOfEvent } from './event-rows.ts';
import {
  rowsOfCapitalAccount,
  rowsOfCashFlow,
  rowsOfFinding,
  rowsOfJournalEntry,
  rowsOfLiquidation,
  rowsOfNavRoll,
  rowsOfPerformance,
} from './fact-rows.ts';
import { instant, type PlacedRows, type Row, type TableRows } from './rows.ts';
import { performanceKeys, performanceTable, type Supersession } from './superseded.ts';
import type { LogIdentity, WatermarkRow } from './watermark.ts';

export interface Batch {
  readonly rows: TableRows;
  readonly watermarks: Map<string, WatermarkRow>;
}

export interface BatchInput {
  readonly fetched: readonly FetchedPartition[];
  /** Short name of a topic by its full name. */
  readonly topics: ReadonlyMap<string, string>;
  readonly codec: Codec;
  readonly log: LogIdentity;
  readonly generation: number;
  readonly warehouse: Warehouse;
  readonly supersession: Supersession;
}

/** Tables of current versions whose keys have several versions, with their keys. */
const currentKeys: Readonly<Record<string, readonly string[]>> = {
  [performanceTable]: performanceKeys,
  fact_nav_rolls: ['fund_id', 'investor_id', 'as_of_date'],
  fact_hypothetical_liquidations: ['fund_id', 'as_of_date'],
  fact_quality_findings: ['finding_id'],
  fact_capital_call_payments: ['fund_id', 'payment_id'],
};

/** Versions as decimal text, without making numbers of them. */
const isOlder = (left: Row, right: Row): boolean => {
  const [one, other] = [String(left['_version']), String(right['_version'])];
  return one.length === other.length ? one < other : one.length < other.length;
};

interface Collector {
  put(pairs: PlacedRows): void;
  /** Rows by key of a table of current versions, to be changed before they are taken. */
  current(table: string): Map<string, Row>;
  rows(): TableRows;
}

const createCollector = (): Collector => {
  const rows: TableRows = new Map();
  const currents = new Map<string, Map<string, Row>>();
  const current = (table: string): Map<string, Row> => {
    const known = currents.get(table) ?? new Map<string, Row>();
    currents.set(table, known);
    return known;
  };
  return {
    put: (pairs) => {
      for (const [table, row] of pairs) {
        const columns = currentKeys[table];
        if (columns === undefined) {
          const list = rows.get(table);
          if (list === undefined) rows.set(table, [row]);
          else list.push(row);
          continue;
        }
        const key = columns.map((column) => String(row[column])).join('|');
        const known = current(table).get(key);
        if (known === undefined || !isOlder(row, known)) current(table).set(key, row);
      }
    },
    current,
    rows: () => {
      for (const [table, byKey] of currents) if (byKey.size > 0) rows.set(table, [...byKey.values()]);
      return rows;
    },
  };
};

/** Rows of a fact; null for what is no fact. */
const rowsOfFact = (fullName: string, value: unknown, epoch: number): PlacedRows | null => {
  switch (fullName) {
    case 'stratcap.fact.CapitalAccount':
      return rowsOfCapitalAccount(value as CapitalAccount, epoch);
    case 'stratcap.fact.CashFlow':
      return rowsOfCashFlow(value as CashFlow, epoch);
    case 'stratcap.fact.JournalEntry':
      return rowsOfJournalEntry(value as JournalEntry, epoch);
    case 'stratcap.fact.Performance':
      return rowsOfPerformance(value as Performance, epoch);
    case 'stratcap.fact.NavRoll':
      return rowsOfNavRoll(value as NavRoll, epoch);
    case 'stratcap.fact.HypotheticalLiquidation':
      return rowsOfLiquidation(value as HypotheticalLiquidation, epoch);
    case 'stratcap.fact.QualityFinding':
      return rowsOfFinding(value as QualityFinding, epoch);
    default:
      return null;
  }
};

/** The batch of what was fetched. @throws LookUpFailed when the store does not answer; another Error for a record that cannot be applied */
export const batchOf = async (input: BatchInput): Promise<Batch> => {
  const { fetched, topics, codec, log, generation, warehouse, supersession } = input;
  const collector = createCollector();
  const fundRows: Row[] = [];
  const watermarks = new Map<string, WatermarkRow>();
  const mark = (
    source: string,
    kind: WatermarkRow['kind'],
    partition: number,
    offset: bigint | number,
    recordedAt: number | null,
  ): void => {
    watermarks.set(`${source}|${kind}|${partition}`, {
      generation,
      source,
      kind,
      partition,
      topic_id: log.topicId,
      epoch: log.epoch,
      next_offset: String(offset),
      recorded_at: recordedAt === null ? null : instant(recordedAt),
    });
  };
  for (const { topic, partition, records, nextOffset } of fetched) {
    const source = topics.get(topic) ?? topic;
    let recordedAt: number | null = null;
    const messages = records.map((record) => ({ record, message: decode(codec, record) }));
    const former = await formerFunds(
      warehouse,
      messages.map(({ message }) => message),
      () => fundRows,
    );
    for (const { record, message } of messages) {
      const facts = rowsOfFact(message.fullName, message.value, log.epoch);
      if (facts !== null) {
        collector.put(facts);
      } else if (message.fullName === 'stratcap.fact.ProcessorProgress') {
        const progress = message.value as ProcessorProgress;
        mark(progress.processor, 'true_for', progress.partition, progress.next_offset, progress.recorded_at);
      } else {
        const event = { type: message.type, value: message.value } as AnyEvent;
        recordedAt = event.value.envelope.recorded_at;
        const rows = rowsOfEvent(event, { epoch: log.epoch, partition, offset: record.offset, recordedAt }, former);
        for (const [table, row] of rows) if (table === 'dim_fund_history') fundRows.push(row);
        collector.put(rows);
      }
    }
    mark(source, 'read', partition, nextOffset, recordedAt);
  }
  const performances = collector.current(performanceTable);
  if (performances.size > 0) await supersession.settle(performances);
  return { rows: collector.rows(), watermarks };
};

const decode = (codec: Codec, record: InboundRecord): ReturnType<Codec['decode']> => {
  try {
    return codec.decode(record.value);
  } catch (cause) {
    throw new Error(
      `${record.topic} partition ${record.partition} offset ${record.offset} cannot be decoded: ${messageOf(cause)}`,
      { cause },
    );
  }
};

/** Former rows of the funds that FundClosed events of a batch name: from this batch, else from the table. */
const formerFunds = async (
  warehouse: Warehouse,
  messages: readonly { readonly type: string; readonly value: unknown }[],
  pending: () => readonly Row[],
): Promise<FormerFundRow> => {
  const closed = messages
    .filter(({ type }) => type === 'FundClosed')
    .map(({ value }) => value as { readonly fund_id: string; readonly envelope: { readonly event_version: number } });
  const stored = new Map<string, Row>();
  if (closed.length > 0) {
    const ids = closed.map(({ fund_id }) => fund_id);
    const found = await warehouse
      .query<Record<string, string | number | null>>(
        'SELECT * FROM dim_fund_history FINAL WHERE fund_id IN {ids:Array(UUID)} ORDER BY fund_id, event_version',
        { ids },
      )
      .catch((cause: unknown) => {
        throw new LookUpFailed(cause);
      });
    for (const { fund_id: id, envelope } of closed) {
      const before = found.filter((row) => row['fund_id'] === id && Number(row['event_version']) < envelope.event_version).at(-1);
      if (before !== undefined) stored.set(id, before);
    }
  }
  return (fundId) => {
    const row =
      pending()
        .filter((candidate) => candidate['fund_id'] === fundId)
        .at(-1) ?? stored.get(fundId);
    if (row === undefined) throw new Error(`FundClosed names fund ${fundId}, which no earlier event created`);
    return row;
  };
};
