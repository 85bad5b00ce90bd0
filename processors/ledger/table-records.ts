// What the ledger tells the tasks of other partitions after an event: investors, reference data, and which ids are taken.
import type { LedgerState } from '#domain/ledger/state.ts';
import type { AggregateEntry, AnyEvent, InvestorEntry, ReferenceEntry } from '#domain/messages.ts';
import type { Codec } from '#schemas/codec.ts';
import type { EmittedRecord } from '../runtime/topology.ts';

/** The id that an event gave to something new. */
const createdId = (event: AnyEvent): string | null => {
  switch (event.type) {
    case 'FundCreated':
    case 'InvestorCreated':
    case 'CommitmentMade':
    case 'CapitalCallDrafted':
    case 'DistributionDeclared':
    case 'InvestmentMade':
      return event.value.envelope.aggregate_id;
    case 'BankAccountAdded':
      return event.value.account.banking_id;
    default:
      return null;
  }
};

/** Records of the compacted tables that an event changes; the event is folded into the ledger already. */
export const tableRecords = (codec: Codec, ledger: LedgerState, key: Buffer, event: AnyEvent): readonly EmittedRecord[] => {
  const { envelope } = event.value;
  const records: EmittedRecord[] = [];
  if (envelope.aggregate_type === 'INVESTOR') {
    const investor = ledger.investors.get(envelope.aggregate_id);
    if (investor === undefined) throw new Error(`investor ${envelope.aggregate_id} is missing after its own event`);
    records.push({
      topic: 'investors',
      key,
      value: codec.encode('stratcap.table.InvestorEntry', {
        version: investor.version,
        investor: investor.card,
      } satisfies InvestorEntry),
    });
  }
  if (envelope.aggregate_type === 'REFERENCE') {
    const reference = ledger.references.get(envelope.aggregate_id);
    if (reference !== undefined)
      records.push({
        topic: 'reference',
        key: Buffer.from(`${reference.kind} ${envelope.aggregate_id}`, 'utf8'),
        value: codec.encode('stratcap.reference.ReferenceEntry', {
          version: reference.version,
          kind: reference.kind,
          value: reference.value,
        } satisfies ReferenceEntry),
      });
  }
  const newId = createdId(event);
  if (newId !== null) {
    const entry: AggregateEntry = { aggregate_type: envelope.aggregate_type, consistency_key: key.toString('utf8') };
    records.push({
      topic: 'aggregates',
      key: Buffer.from(newId, 'utf8'),
      value: codec.encode('stratcap.aggregate.AggregateEntry', entry),
    });
  }
  return records;
};
