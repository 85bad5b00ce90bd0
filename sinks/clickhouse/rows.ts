// Events and facts as rows of the star schema. Pure: the same event gives the same rows, whoever writes them.
import { createHash, hash } from 'node:crypto';
import type { AnyEvent, CapitalAccount, FundCard, InvestorCard, LocalDate, Micros, Minor } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';

/** A row by column name; amounts and 64-bit integers as text. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;
export type TableRows = Map<string, Row[]>;

/** Where an event stands, for the version of its rows. */
export interface RowSource {
  readonly epoch: number;
  readonly partition: number;
  readonly offset: bigint;
  readonly recordedAt: Micros;
}

/** investor_id of the rows of a whole fund. */
export const wholeFund = '00000000-0000-0000-0000-000000000000';

/** Version of a row: epoch in the upper 16 bits, offset in the lower 48, as text. */
export const rowVersion = (epoch: number, offset: bigint): string => ((BigInt(epoch) << 48n) | offset).toString();
/** A date as YYYYMMDD. */
export const dateId = (date: LocalDate): number => Number(date.replaceAll('-', ''));
const surrogate = (id: string, version: number): string =>
  createHash('sha256').update(`${id}:${version}`).digest().readBigUInt64BE().toString();
const money = (minor: Minor | null): string | null => (minor === null ? null : formatMoney(minor));
/** The last second that was written out: the rows of a batch share it, and a Date for each of them would cost more. */
let second = { at: Number.NaN, text: '' };
/** Microseconds as ClickHouse reads a DateTime64(6) in UTC. */
export const instant = (micros: Micros): string => {
  const at = Math.floor(micros / 1_000_000);
  if (second.at !== at) second = { at, text: new Date(at * 1_000).toISOString().slice(0, -4).replace('T', ' ') };
  return `${second.text}${String(micros - at * 1_000_000).padStart(6, '0')}`;
};

/** A uuid5, in one call of the hash: there is one per capital account. */
const nameUuid = (name: string, namespace: string): string => {
  const digest = hash(
    'sha1',
    Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name, 'utf8')]),
    'hex',
  );
  const variant = ((Number.parseInt(digest.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(18, 20)}-${digest.slice(20, 32)}`;
};

const lineage = (source: RowSource): Row => ({
  _version: rowVersion(source.epoch, source.offset),
  _partition: source.partition,
  recorded_at: instant(source.recordedAt),
});

const fundRow = (fund: FundCard, version: number, validFrom: LocalDate, source: RowSource): Row => ({
  fund_id: fund.fund_id,
  event_version: version,
  fund_key: surrogate(fund.fund_id, version),
  fund_name: fund.fund_name,
  fund_type: fund.fund_type,
  fund_status: fund.fund_status,
  vintage_year: fund.vintage_year,
  target_size: money(fund.target_size),
  final_size: money(fund.fund_size),
  base_currency: fund.base_currency,
  fund_manager: fund.fund_manager,
  investment_strategy: fund.investment_strategy,
  sub_strategy: fund.sub_strategy,
  geography: fund.geography,
  assumed_fields: fund.assumed_fields.join(','),
  valid_from: validFrom,
  ...lineage(source),
});
const investorRow = (investor: InvestorCard, version: number, validFrom: LocalDate, source: RowSource): Row => ({
  investor_id: investor.investor_id,
  event_version: version,
  investor_key: surrogate(investor.investor_id, version),
  investor_name: investor.investor_name,
  investor_type: investor.investor_type,
  investor_category: investor.investor_category,
  geography: investor.geography,
  industry: investor.industry,
  aum_range: investor.aum_range,
  valid_from: validFrom,
  ...lineage(source),
});

/** Finds the row of a fund before an event that does not carry the whole card. */
export type FormerFundRow = (fundId: string) => Row;

/** Rows of an event by table; an event without a place in the star schema gives none. */
export const rowsOfEvent = (
  event: AnyEvent,
  source: RowSource,
  formerFund: FormerFundRow,
): readonly (readonly [string, Row])[] => {
  const { envelope } = event.value;
  switch (event.type) {
    case 'FundCreated':
    case 'FundUpdated':
      return [['dim_fund_history', fundRow(event.value.fund, envelope.event_version, envelope.effective_date, source)]];
    case 'FundClosed':
      return [
        [
          'dim_fund_history',
          {
            ...formerFund(event.value.fund_id),
            event_version: envelope.event_version,
            fund_key: surrogate(event.value.fund_id, envelope.event_version),
            fund_status: 'CLOSED',
            valid_from: envelope.effective_date,
            ...lineage(source),
          },
        ],
      ];
    case 'InvestorCreated':
    case 'InvestorUpdated':
      return [
        ['dim_investor_history', investorRow(event.value.investor, envelope.event_version, envelope.effective_date, source)],
      ];
    case 'CommitmentMade': {
      const {
        commitment_id,
        fund_id,
        investor_id,
        commitment_date,
        commitment_type,
        currency,
        commitment_amount,
        assumed_fields,
      } = event.value;
      return [
        [
          'fact_commitments',
          {
            commitment_id,
            fund_id,
            investor_id,
            date_id: dateId(commitment_date),
            commitment_date,
            commitment_type,
            currency,
            commitment_amount: formatMoney(commitment_amount),
            assumed_fields: assumed_fields.join(','),
            ...lineage(source),
          },
        ],
      ];
    }
    case 'OpeningBalanceRecorded': {
      const { commitment_id, fund_id, investor_id, currency, called_amount, distributed_amount } = event.value;
      const flow: Row = {
        cash_flow_id: envelope.event_id,
        fund_id,
        investor_id,
        date_id: dateId(envelope.effective_date),
        flow_date: envelope.effective_date,
        currency,
        capital_call_amount: money(called_amount),
        distribution_amount: money(distributed_amount),
        net_cash_flow:
          called_amount === null || distributed_amount === null ? null : formatMoney(distributed_amount - called_amount),
        cash_flow_type: 'OPENING_BALANCE',
        transaction_id: commitment_id,
        ...lineage(source),
      };
      return [
        ['fact_cash_flows_history', flow],
        ['fact_cash_flows', flow],
      ];
    }
    case 'ValuationRecorded':
    case 'KycDecisionRecorded':
    case 'BankAccountAdded':
    case 'CommandRejected':
      return [];
  }
};

/** Rows of a capital account: its performance at its fact date. */
export const rowsOfCapitalAccount = (account: CapitalAccount, epoch: number): readonly (readonly [string, Row])[] => {
  const investorId = account.investor_id ?? wholeFund;
  const row: Row = {
    performance_id: nameUuid(`${investorId}|${account.as_of_date}`, account.fund_id),
    fund_id: account.fund_id,
    investor_id: investorId,
    date_id: dateId(account.as_of_date),
    as_of_date: account.as_of_date,
    earliest_as_of_date: account.earliest_as_of_date,
    is_fund_total: account.investor_id === null,
    currency: account.currency,
    commitments: account.commitments,
    committed_capital: formatMoney(account.committed_amount),
    called_capital: money(account.called_amount),
    distributed_capital: money(account.distributed_amount),
    remaining_value: money(account.remaining_value),
    nav: money(account.remaining_value),
    total_value: money(account.total_value),
    unfunded_capital: money(account.unfunded_amount),
    called_unknown: account.called_unknown,
    distributed_unknown: account.distributed_unknown,
    remaining_unknown: account.remaining_unknown,
    irr: account.irr,
    irr_status: account.irr_status,
    moic: account.tvpi,
    pic: account.pic,
    dpi: account.dpi,
    rvpi: account.rvpi,
    tvpi: account.tvpi,
    reported_irr: account.reported_irr,
    reported_multiple: account.reported_multiple,
    ...lineage({
      epoch,
      partition: account.position.partition,
      offset: BigInt(account.position.offset),
      recordedAt: account.recorded_at,
    }),
  };
  return [
    ['fact_fund_performance_history', row],
    ['fact_fund_performance', row],
  ];
};
