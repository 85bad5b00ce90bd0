// What a sender may leave out of a command, and what stands there then: ids, usual choices, and the day that it counts from.
import type { CommandType } from '#domain/messages.ts';
import { idNamespaces, stableId } from '../stable-ids.ts';
import type { AvroNode, FieldRules } from './avro-zod.ts';

/** Ids, usual choices and JSON texts by `Record.field`. */
export const rules: FieldRules = {
  derived: new Set([
    'FundCard.fund_id',
    'InvestorCard.investor_id',
    'MakeCommitment.commitment_id',
    'BankAccount.banking_id',
    'FundTerm.term_id',
    'ChangeCommitmentAmount.modification_id',
    'CancelCommitment.modification_id',
    'TransferCommitment.modification_id',
    'TransferCommitment.to_commitment_id',
    'DraftCapitalCall.call_id',
    'RecordCapitalCallPayment.payment_id',
    'MakeInvestment.investment_id',
    'MakeInvestment.transaction_id',
    'IncreaseInvestment.transaction_id',
    'RealiseInvestment.transaction_id',
    'WriteOffInvestment.transaction_id',
    'ValueInvestment.valuation_id',
    'RecordFundTransaction.transaction_id',
    'DeclareDistribution.distribution_id',
    'ClawBackCarry.clawback_id',
    'ChartAccount.account_id',
    'SetExchangeRate.rate_id',
    'SetConfiguration.config_id',
  ]),
  defaults: {
    'FundCard.fund_status': 'FUNDRAISING',
    'InvestorCard.kyc_status': 'PENDING',
    'MakeCommitment.commitment_type': 'INITIAL',
    'DraftCapitalCall.investment_amount': '0.00',
    'DraftCapitalCall.management_fee_amount': '0.00',
    'DraftCapitalCall.expenses_amount': '0.00',
    'DraftCapitalCall.management_fee_inside': true,
    'DraftCapitalCall.expenses_inside': true,
    'DraftCapitalCall.allocation_basis': 'COMMITMENT',
    'DeclareDistribution.distribution_kind': 'ORDINARY',
    'DeclareDistribution.recallable_amount': '0.00',
    'DeclareDistribution.management_fee_offset': '0.00',
    'ChartAccount.is_active': true,
    'SetConfiguration.config_type': 'GLOBAL',
    'SetConfiguration.is_active': true,
  },
  copied: { 'DeclareDistribution.record_date': 'distribution_date' },
};

/** Reference data is corrected by setting it again: its ids follow from what they name, so that the same thing keeps its id. */
const namedBy: Readonly<Record<string, readonly string[]>> = {
  'ChartAccount.account_id': ['account_code'],
  'SetExchangeRate.rate_id': ['base_currency', 'target_currency', 'rate_date'],
  'SetConfiguration.config_id': ['config_key'],
};

/** Field that gives the effective date when the sender names none; otherwise it is the day of the intake's clock. */
export const effectiveDateFields: Readonly<Partial<Record<CommandType, readonly string[]>>> = {
  CreateFund: ['fund', 'inception_date'],
  CloseFund: ['final_close_date'],
  AdoptFundTerm: ['term', 'effective_date'],
  MakeCommitment: ['commitment_date'],
  RecordKycDecision: ['kyc_date'],
  DraftCapitalCall: ['call_date'],
  RecordCapitalCallPayment: ['payment_date'],
  MakeInvestment: ['investment_date'],
  DeclareDistribution: ['distribution_date'],
  PayDistribution: ['payment_date'],
  ClawBackCarry: ['clawback_date'],
  SetExchangeRate: ['rate_date'],
  AdvanceBusinessDate: ['business_date'],
};

const derivedId = (record: string, name: string, value: Record<string, unknown>, commandId: string, place: string): string => {
  const names = namedBy[`${record}.${name}`];
  return names === undefined
    ? stableId(commandId, place)
    : stableId(idNamespaces.reference, record, ...names.map((field) => String(value[field])));
};

const fill = (
  record: AvroNode,
  value: Record<string, unknown>,
  known: ReadonlyMap<string, AvroNode>,
  { commandId, place, ids }: { readonly commandId: string; readonly place: string; readonly ids: Record<string, string> },
): Record<string, unknown> => {
  const copy = { ...value };
  const recordName = String(record['name']);
  for (const field of record['fields'] as readonly AvroNode[]) {
    const name = String(field['name']);
    const here = `${place}/${name}`;
    if (rules.derived.has(`${recordName}.${name}`) && (copy[name] ?? null) === null)
      copy[name] = ids[here.slice(1).replaceAll('/', '.')] = derivedId(recordName, name, copy, commandId, here);
    const source = rules.copied[`${recordName}.${name}`];
    if (source !== undefined) copy[name] ??= copy[source];
    const branch = [field['type']].flat().find((candidate) => candidate !== 'null');
    const node = (typeof branch === 'string' ? known.get(branch) : branch) as AvroNode | undefined;
    const inner = copy[name];
    if (node?.['type'] === 'record' && node['name'] !== 'Sealed' && typeof inner === 'object' && inner !== null) {
      copy[name] = fill(node, inner as Record<string, unknown>, known, { commandId, place: here, ids });
    } else if (node?.['type'] === 'array' && Array.isArray(inner)) {
      const item = (typeof node['items'] === 'string' ? known.get(node['items']) : node['items']) as AvroNode | undefined;
      if (item?.['type'] === 'record')
        copy[name] = inner.map((entry, at) =>
          fill(item, entry as Record<string, unknown>, known, { commandId, place: `${here}/${at}`, ids }),
        );
    }
  }
  return copy;
};

/**
 * Gives every id that is missing a value that follows from the command id, or from what it names: a repeated request names the same
 * things. `derivedIds` has them by their dotted place.
 */
export const withDerived = (
  record: AvroNode,
  value: Record<string, unknown>,
  known: ReadonlyMap<string, AvroNode>,
  commandId: string,
): { readonly value: Record<string, unknown>; readonly derivedIds: Readonly<Record<string, string>> } => {
  const ids: Record<string, string> = {};
  return { value: fill(record, value, known, { commandId, place: '', ids }), derivedIds: ids };
};
