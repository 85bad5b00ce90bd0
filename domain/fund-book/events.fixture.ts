// Events of one fund for the tests of the book: just enough of each, in the shape that the ledger writes.
import type { AnyEvent, EventByType, EventEnvelope, EventType } from '../messages.ts';

export const fundId = '10000000-0000-4000-8000-000000000000';
/** A readable id for a word. */
export const id = (word: string): string => {
  const hex = Array.from(word.padEnd(12, '.'), (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4000-8000-${hex.slice(12, 24)}`;
};

const envelope = (date: string, count: number): EventEnvelope => ({
  chain_hash: new Uint8Array(32),
  event_id: `20000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
  tenant_id: fundId,
  aggregate_type: 'FUND',
  aggregate_id: fundId,
  event_version: count,
  effective_date: date,
  recorded_at: 1_700_000_000_000_000 + count,
  actor: { user_id: fundId, user_role: 'fund-accountant' },
  origin: { channel: 'SYSTEM', ip: null, user_agent: null, session_id: null },
  reason: null,
  correlation_id: fundId,
  causation_id: fundId,
  depends_on: [],
  findings: [],
});

/** Makes events with growing versions. */
export const createEvents = () => {
  let count = 0;
  const event = <T extends EventType>(type: T, date: string, body: Partial<Omit<EventByType[T], 'envelope'>>): AnyEvent => {
    count += 1;
    return { type, value: { envelope: envelope(date, count), fund_id: fundId, currency: 'USD', ...body } } as unknown as AnyEvent;
  };
  return {
    event,
    fund: (): AnyEvent =>
      event('FundCreated', '2020-01-01', { fund: { fund_id: fundId, base_currency: 'USD', terms: [] } as never }),
    commitment: (investor: string, amountMinor: bigint): AnyEvent =>
      event('CommitmentMade', '2020-01-01', {
        commitment_id: id(`c ${investor}`),
        investor_id: id(investor),
        commitment_amount: amountMinor,
        commitment_date: '2020-01-01',
        commitment_type: 'INITIAL',
      }),
    payment: (investor: string, date: string, minor: bigint): AnyEvent =>
      event('CapitalCallPaymentReceived', date, {
        payment_id: id(`p${count}`),
        call_id: id('call'),
        commitment_id: id(`c ${investor}`),
        investor_id: id(investor),
        amount: minor,
        investment_portion: minor,
        management_fee_portion: 0n,
        expenses_portion: 0n,
        payment_date: date,
      }),
    investment: (deal: string, date: string, minor: bigint): AnyEvent =>
      event('InvestmentMade', date, {
        investment_id: id(deal),
        portfolio_company: deal,
        investment_date: date,
        investment_amount: minor,
        transaction_id: id(`t ${deal}`),
      }),
    valuation: (deal: string, date: string, minor: bigint): AnyEvent =>
      event('InvestmentValued', date, { investment_id: id(deal), fair_value: minor, valuation_id: id(`v${count}`) }),
    realisation: (deal: string, date: string, proceeds: bigint, cost: bigint, left: bigint): AnyEvent =>
      event('InvestmentRealised', date, {
        investment_id: id(deal),
        proceeds,
        cost_realised: cost,
        remaining_fair_value: left,
        transaction_id: id(`r${count}`),
      }),
    transaction: (type: EventByType['FundTransactionRecorded']['transaction_type'], date: string, minor: bigint): AnyEvent =>
      event('FundTransactionRecorded', date, {
        transaction_id: id(`x${count}`),
        transaction_type: type,
        amount: minor,
        investment_id: null,
      }),
    distribution: (
      date: string,
      shares: readonly { readonly investor: string; readonly gross: bigint; readonly carried: bigint }[],
    ): AnyEvent =>
      event('DistributionDeclared', date, {
        distribution_id: id(`d${count}`),
        distribution_date: date,
        distribution_kind: 'ORDINARY',
        investment_id: null,
        total_distribution_amount: shares.reduce((sum, { gross }) => sum + gross, 0n),
        notices: shares.map(({ investor, gross, carried }) => ({
          commitment_id: id(`c ${investor}`),
          gross_distribution: gross,
          carried_interest: carried,
          management_fee_offset: 0n,
          recallable_amount: 0n,
        })) as never,
      }),
    terms: (date: string, waterfall: object, version = 1): AnyEvent =>
      event('FundTermAdopted', date, {
        term: {
          term_id: id(`term${version}`),
          term_type: 'WATERFALL',
          term_name: 'waterfall',
          term_value: JSON.stringify(waterfall),
          effective_date: date,
          expiry_date: null,
        },
        investor_id: null,
        terms_version: version,
      }),
  };
};
