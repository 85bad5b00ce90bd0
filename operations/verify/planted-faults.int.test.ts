// Faults planted in the sinks, the processors of facts and the ledger, each in a pipeline on real engines: verify names every one. All
// faults of one kind are planted together, since each has a table and a field of its own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Codec } from '#schemas/codec.ts';
import { loadCodec } from '#schemas/released.ts';
import { testValuation } from '#tests/support/commands.ts';
import { startPipeline, type PipelineFaults } from '#tests/support/pipeline.ts';
import { ledgerProcessor } from '../../processors/ledger/processor.ts';
import type { Difference } from './model.ts';
import { laterDistribution, ownLife, takenOver } from './story.fixture.ts';

type Value = Readonly<Record<string, unknown>>;
type Change = (value: Value) => Value;

const named = (differences: readonly Difference[]): readonly string[] => [
  ...new Set(differences.map(({ where, table, field }) => `${where} ${table} ${field}`)),
];

/** A codec that reads some message types wrongly: the fault of a mapping or a fold that looks at the wrong value. */
const misreading = (changes: Readonly<Record<string, Change>>): Codec => {
  const codec = loadCodec();
  const wrong = <Message extends { readonly type: string; readonly value: unknown }>(message: Message): Message => {
    const change = changes[message.type];
    return change === undefined ? message : { ...message, value: change(message.value as Value) };
  };
  return {
    ...codec,
    decode: (bytes) => wrong(codec.decode(bytes)),
    projection: (fields) => {
      const projection = codec.projection(fields);
      return {
        ...projection,
        read: (bytes) => {
          const read = projection.read(bytes);
          return read === null ? null : wrong(read);
        },
      };
    },
  };
};

/** A cent more in some fields. */
const cent =
  (...fields: readonly string[]): Change =>
  (value) => ({ ...value, ...Object.fromEntries(fields.map((field) => [field, (value[field] as bigint) + 1n])) });
const words =
  (changed: Value): Change =>
  (value) => ({ ...value, ...changed });
const inside =
  (field: string, change: Change): Change =>
  (value) => ({ ...value, [field]: change(value[field] as Value) });
const each =
  (field: string, change: Change): Change =>
  (value) => ({ ...value, [field]: (value[field] as readonly Value[]).map(change) });
const both =
  (first: Change, second: Change): Change =>
  (value) =>
    second(first(value));

/** What verify finds in a pipeline with these faults after the whole story. */
const foundWith = async (faults: PipelineFaults): Promise<readonly string[]> => {
  const pipeline = await startPipeline(faults);
  try {
    await pipeline.book(...takenOver(), ...ownLife(pipeline.partitions));
    return named((await pipeline.verify()).differences);
  } finally {
    await pipeline.stop();
    await pipeline.isolation.drop();
  }
};

type Planted = readonly [place: string, types: Readonly<Record<string, Change>>, names: readonly string[]];
const codecOf = (faults: readonly Planted[]): Codec =>
  misreading(Object.assign({}, ...faults.map(([, types]) => types)) as Readonly<Record<string, Change>>);

const postgresFaults: readonly Planted[] = [
  ['funds', { FundCreated: inside('fund', words({ geography: 'Nowhere' })) }, ['funds geography']],
  ['investors', { InvestorCreated: inside('investor', words({ geography: 'Nowhere' })) }, ['investors geography']],
  ['commitments', { CommitmentMade: words({ investor_kyc_status: 'PENDING' }) }, ['commitments investor_kyc_status']],
  ['opening balances', { OpeningBalanceRecorded: cent('called_amount') }, ['opening_balances called_amount']],
  ['valuations', { ValuationRecorded: cent('remaining_value') }, ['valuations remaining_value']],
  ['capital accounts', { CapitalAccount: cent('committed_amount') }, ['capital_accounts committed_amount']],
  [
    'terms',
    { FundTermAdopted: inside('term', words({ term_name: 'Another' })) },
    ['fund_terms term_name', 'waterfall_configs waterfall_name'],
  ],
  ['commitment changes', { CommitmentTransferred: cent('paid_in_moved') }, ['commitment_modifications paid_in_moved']],
  [
    'capital calls and their notices',
    { CapitalCallDrafted: words({ call_purpose: 'another' }), CapitalCallIssued: each('notices', cent('unfunded_before')) },
    ['capital_calls call_purpose', 'capital_call_notices unfunded_before'],
  ],
  ['payments', { CapitalCallPaymentReceived: words({ bank_reference: 'X' }) }, ['capital_call_payments bank_reference']],
  [
    'distributions and their notices',
    { DistributionDeclared: both(words({ record_date: '2021-12-01' }), each('notices', cent('unfunded_after'))) },
    ['distributions record_date', 'distribution_notices unfunded_after'],
  ],
  ['investments', { InvestmentMade: words({ portfolio_company: 'Another' }) }, ['investments portfolio_company']],
  ['values of investments', { InvestmentValued: cent('unrealised_gain_loss') }, ['investment_valuations unrealised_gain_loss']],
  ['fund transactions', { FundTransactionRecorded: cent('amount') }, ['fund_transactions amount']],
  ['exchange rates', { ExchangeRateSet: words({ exchange_rate: '9.00' }) }, ['exchange_rates exchange_rate']],
  [
    'the chart of accounts',
    { AccountSet: inside('account', words({ account_name: 'Another' })) },
    ['chart_of_accounts account_name'],
  ],
  ['configurations', { ConfigurationSet: words({ config_value: '{}' }) }, ['system_configurations config_value']],
  ['business dates', { BusinessDateAdvanced: words({ business_date: '2022-04-02' }) }, ['business_dates business_date']],
  ['cash flows', { CashFlow: cent('net_cash_flow') }, ['cash_flows net_cash_flow']],
  ['the journal', { JournalEntry: words({ description: 'another' }) }, ['journal_entries description']],
  [
    'net asset values',
    { NavRoll: (value) => ({ ...cent('contributions')(value), expenses: (value['expenses'] as bigint) - 1n }) },
    ['nav_rolls contributions', 'nav_rolls expenses'],
  ],
  ['performance', { Performance: words({ moic: '9.9999999999' }) }, ['fund_performance moic']],
  ['liquidations', { HypotheticalLiquidation: cent('lp_net') }, ['hypothetical_liquidations lp_net']],
  ['findings of the checks', { QualityFinding: words({ message: 'another' }) }, ['quality_findings message']],
];

const clickhouseFaults: readonly Planted[] = [
  ['funds', { FundCreated: inside('fund', words({ fund_manager: 'Nobody' })) }, ['dim_fund_history fund_manager']],
  ['investors', { InvestorCreated: inside('investor', words({ industry: 'None' })) }, ['dim_investor_history industry']],
  ['commitments', { CommitmentMade: cent('commitment_amount') }, ['fact_commitments commitment_amount']],
  ['commitment changes', { CommitmentTransferred: cent('new_amount') }, ['fact_commitment_changes change_amount']],
  ['opening balances', { OpeningBalanceRecorded: cent('distributed_amount') }, ['fact_cash_flows distribution_amount']],
  ['capital accounts', { CapitalAccount: words({ rvpi: '9.9999999999' }) }, ['fact_fund_performance rvpi']],
  [
    'capital calls and their notices',
    { CapitalCallIssued: both(cent('total_call_amount'), each('notices', cent('call_amount'))) },
    ['fact_capital_calls_history total_call_amount', 'fact_capital_call_notices call_amount'],
  ],
  ['payments', { CapitalCallPaymentReceived: cent('amount') }, ['fact_capital_call_payments amount']],
  [
    'distributions, their tiers and their notices',
    {
      DistributionDeclared: both(
        both(cent('carried_interest'), each('notices', cent('net_distribution'))),
        inside('calculation', each('tiers', cent('gp'))),
      ),
    },
    [
      'fact_distributions_history carried_interest',
      'fact_distributions_history tier_gp_amounts',
      'fact_distribution_notices net_distribution',
    ],
  ],
  ['investments', { InvestmentMade: words({ portfolio_company: 'Another' }) }, ['dim_investment_history portfolio_company']],
  ['exchange rates', { ExchangeRateSet: words({ exchange_rate: '9.00' }) }, ['dim_exchange_rate exchange_rate']],
  ['the chart of accounts', { AccountSet: inside('account', words({ account_name: 'Another' })) }, ['dim_account account_name']],
  ['cash flows', { CashFlow: cent('net_cash_flow') }, ['fact_cash_flows net_cash_flow', 'fact_cash_flows_history net_cash_flow']],
  ['the journal', { JournalEntry: each('lines', cent('debit')) }, ['fact_journal_lines debit']],
  ['net asset values', { NavRoll: cent('closing_nav') }, ['fact_nav_rolls closing_nav', 'fact_nav_rolls_history closing_nav']],
  [
    'performance',
    { Performance: words({ gross_irr: '9.9' }) },
    ['fact_fund_performance gross_irr', 'fact_fund_performance_history gross_irr'],
  ],
  [
    'liquidations',
    { HypotheticalLiquidation: cent('lp_net') },
    ['fact_hypothetical_liquidations lp_net', 'fact_hypothetical_liquidations_history lp_net'],
  ],
  [
    'findings of the checks',
    { QualityFinding: words({ message: 'another' }) },
    ['fact_quality_findings message', 'fact_quality_findings_history message'],
  ],
];

/** A fault in a processor is in both stores. */
const processorFaults: readonly (readonly [string, PipelineFaults, readonly string[]])[] = [
  [
    'capital accounts',
    { accountsCodec: misreading({ ValuationRecorded: cent('remaining_value') }) },
    ['postgres capital_accounts remaining_value', 'clickhouse fact_fund_performance remaining_value'],
  ],
  [
    'cash flows and the journal',
    { flowsCodec: misreading({ FundTransactionRecorded: cent('amount') }) },
    [
      'postgres cash_flows net_cash_flow',
      'postgres journal_entries debit',
      'clickhouse fact_cash_flows net_cash_flow',
      'clickhouse fact_journal_lines credit',
    ],
  ],
  [
    'performance',
    { performanceCodec: misreading({ InvestmentValued: cent('fair_value') }) },
    [
      'postgres nav_rolls closing_nav',
      'postgres fund_performance nav',
      'clickhouse fact_nav_rolls unrealised_change',
      'clickhouse fact_fund_performance nav',
    ],
  ],
  [
    'waterfalls',
    { waterfallsCodec: misreading({ InvestmentValued: cent('fair_value') }) },
    ['postgres hypothetical_liquidations nav', 'clickhouse fact_hypothetical_liquidations nav'],
  ],
  [
    'quality',
    { qualityCodec: misreading({ FundCreated: inside('fund', words({ fund_size: 1_00n })) }) },
    ['postgres quality_findings (row)', 'clickhouse fact_quality_findings (row)'],
  ],
];

describe('a fault in a mapping of Postgres', () => {
  let found: readonly string[];
  beforeAll(async () => {
    found = await foundWith({ postgresCodec: codecOf(postgresFaults) });
  });
  it.each(postgresFaults)('of %s is named', (_place, _types, names) => {
    expect(found).toEqual(expect.arrayContaining(names.map((name) => `postgres ${name}`)));
  });
  it('is looked for in Postgres alone', () => expect(found.filter((name) => !name.startsWith('postgres'))).toEqual([]));
});

describe('a fault in a mapping of ClickHouse', () => {
  let found: readonly string[];
  beforeAll(async () => {
    found = await foundWith({ clickhouseCodec: codecOf(clickhouseFaults) });
  });
  it.each(clickhouseFaults)('of %s is named', (_place, _types, names) => {
    expect(found).toEqual(expect.arrayContaining(names.map((name) => `clickhouse ${name}`)));
  });
  it('is looked for in ClickHouse alone', () => expect(found.filter((name) => !name.startsWith('clickhouse'))).toEqual([]));
});

describe('a fault in a processor', () => {
  let found: readonly string[];
  beforeAll(async () => {
    found = await foundWith(Object.assign({}, ...processorFaults.map(([, faults]) => faults)) as PipelineFaults);
  });
  it.each(processorFaults)('of %s is named in both stores', (_place, _faults, names) => {
    expect(found).toEqual(expect.arrayContaining([...names]));
  });
});

describe('a fault in the fold of the ledger', () => {
  type Ledger = ReturnType<typeof ledgerProcessor>;
  type State = Parameters<Ledger['evolve']>[0];
  /** A ledger that forgets something when it restores. */
  let versions = 1_000;
  const forgetful = (partitions: number, forget: (state: State) => void): Ledger => {
    const sound = ledgerProcessor({ codec: loadCodec(), partitions });
    return {
      ...sound,
      // It takes no snapshot of another ledger, so that it has everything to forget.
      stateVersion: (versions += 1),
      evolve: (state, record) => {
        sound.evolve(state, record);
        forget(state);
      },
    };
  };
  let first: Awaited<ReturnType<typeof startPipeline>>;
  beforeAll(async () => {
    first = await startPipeline();
    await first.book(...takenOver(), ...ownLife(first.partitions));
    await first.stop();
  });
  afterAll(async () => await first.isolation.drop());

  it('of a distribution is named: the next waterfall does not know of it', async () => {
    const ledger = forgetful(first.partitions, (state) => {
      for (const { account } of state.ledger.commitments.values()) if (account !== null) account.receipts = [];
    });
    const second = await startPipeline({ ledger }, first.isolation);
    try {
      await second.book(laterDistribution());
      expect(named((await second.verify()).differences)).toEqual(['log distributions distributions of the waterfall']);
    } finally {
      await second.stop();
    }
  });
  it('of a commitment is named: the next event has a version that is taken', async () => {
    const ledger = forgetful(first.partitions, (state) => {
      for (const commitment of state.ledger.commitments.values()) commitment.version = 0;
    });
    const third = await startPipeline({ ledger }, first.isolation);
    try {
      await third.book(testValuation('Beta', 'Plan', 1n));
      // The sink of Postgres stops at such an event.
      expect(named((await third.verify(5_000)).differences)).toContain('log events event_version');
    } finally {
      await third.stop();
    }
  });
});
