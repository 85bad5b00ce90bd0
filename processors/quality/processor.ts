// Quality: checks the data continuously as events come in and tells findings when they open and when they are resolved.
import { deserialize, serialize } from 'node:v8';
import type { AnyEvent, QualityFinding } from '#domain/messages.ts';
import type { CheckResult } from '#domain/quality/check.ts';
import { emptyQuality, foldQuality, type QualityState } from '#domain/quality/checks.ts';
import type { Codec } from '#schemas/codec.ts';
import { findingIdOf } from '#schemas/fact-ids.ts';
import { progressRecord } from '../progress.ts';
import type { EmittedRecord, Processor } from '../runtime/topology.ts';

export interface QualityTaskState {
  readonly quality: QualityState;
  /** Message of every open finding by its id. */
  readonly open: Map<string, string>;
  recordedAt: number | null;
}

const name = 'quality';

/** Findings whose state a check changed. */
const news = (
  open: Map<string, string>,
  results: readonly CheckResult[],
): readonly { readonly id: string; readonly result: CheckResult }[] =>
  results.flatMap((result) => {
    const id = findingIdOf(result.check, result.subjectId);
    if (result.holds) return open.delete(id) ? [{ id, result }] : [];
    if (open.get(id) === result.message) return [];
    open.set(id, result.message);
    return [{ id, result }];
  });

/** The processor of data quality. */
export const qualityProcessor = ({ codec }: { readonly codec: Codec }): Processor<QualityTaskState> => {
  const fold = (state: QualityTaskState, event: AnyEvent) => {
    state.recordedAt = event.value.envelope.recorded_at;
    return news(state.open, foldQuality(state.quality, event));
  };
  return {
    name,
    stateVersion: 1,
    input: 'events',
    outputs: [name],
    tables: [],
    createState: () => ({ quality: emptyQuality(), open: new Map(), recordedAt: null }),
    evolve: (state, record) => {
      const { type, value } = codec.decode(record.value);
      fold(state, { type, value } as AnyEvent);
    },
    step: (state, record) => {
      const { type, value } = codec.decode(record.value);
      const event = { type, value } as AnyEvent;
      const { envelope } = event.value;
      const records = fold(state, event).map(({ id, result }): EmittedRecord => {
        const finding: QualityFinding = {
          finding_id: id,
          check_name: result.check,
          fund_id: result.fundId,
          subject_id: result.subjectId,
          severity: result.severity,
          status: result.holds ? 'RESOLVED' : 'OPEN',
          message: result.message,
          expected: result.expected,
          actual: result.actual,
          source_event: { aggregate_id: envelope.aggregate_id, event_version: envelope.event_version },
          position: { partition: record.partition, offset: Number(record.offset) },
          recorded_at: envelope.recorded_at,
        };
        return { topic: name, key: Buffer.from(id, 'utf8'), value: codec.encode('stratcap.fact.QualityFinding', finding) };
      });
      return { kind: 'Emit', records };
    },
    closeBatch: (state, nextOffset, { partition }) => [
      progressRecord(codec, name, { processor: name, partition, recorded_at: state.recordedAt }, nextOffset),
    ],
    serialize: (state) => serialize(state),
    deserialize: (bytes) => deserialize(bytes) as QualityTaskState,
  };
};
