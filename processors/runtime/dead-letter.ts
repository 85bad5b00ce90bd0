// What could not be processed, kept whole: the bytes as they came, and in the headers where they stood and why they are here.
import type { InboundRecord, RecordHeaders } from '#platform/kafka/port.ts';
import type { EmittedRecord, StepResult } from './topology.ts';

/** The running code, for the one who looks at a dead letter months later. */
export interface CodeIdentity {
  readonly processor: string;
  readonly codeVersion: string;
}

const framedSchemaId = (value: Buffer | null): string =>
  value !== null && value.length >= 5 && value[0] === 0 ? String(value.readUInt32BE(1)) : '';

/** A dead letter: key, value and headers of the source record, and `dead_letter_…` headers as UTF-8 text. */
export const deadLetter = (
  input: InboundRecord,
  result: StepResult & { readonly kind: 'DeadLetter' },
  code: CodeIdentity,
): EmittedRecord => {
  const { cause } = result;
  const context = {
    topic: input.topic,
    partition: String(input.partition),
    offset: String(input.offset),
    schema_id: framedSchemaId(input.value),
    reason: result.reason,
    detail: result.detail,
    error_class: cause instanceof Error ? cause.name : '',
    stack: cause instanceof Error ? (cause.stack ?? '') : '',
    processor: code.processor,
    code_version: code.codeVersion,
  };
  const named = Object.entries(context).map(([name, text]) => [`dead_letter_${name}`, Buffer.from(text, 'utf8')] as const);
  const headers: RecordHeaders = { ...input.headers, ...Object.fromEntries(named) };
  return { topic: 'dead-letters', key: input.key ?? Buffer.alloc(0), value: input.value, headers };
};
