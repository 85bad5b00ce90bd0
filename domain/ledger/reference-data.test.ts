// Exchange rates, accounts, configurations, versions and ids.
import { describe, expect, it } from 'vitest';
import type { CommandByType } from '../messages.ts';
import { testCommand, testFund, testId } from '#tests/support/commands.ts';
import { advance, fundWith, lifeFund, transact } from '#tests/support/fund-commands.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { clockId } from './target.ts';

const rate = (changes: Partial<CommandByType['SetExchangeRate']> = {}) =>
  testCommand('SetExchangeRate', {
    rate_id: testId('EUR USD'),
    base_currency: 'EUR',
    target_currency: 'USD',
    exchange_rate: '1.08450000',
    rate_date: '2026-03-31',
    rate_source: 'ECB',
    ...changes,
  });
const account = (changes: Partial<CommandByType['SetAccount']['account']> = {}) =>
  testCommand('SetAccount', {
    account: {
      account_id: testId('cash'),
      account_code: '1000',
      account_name: 'Cash at bank',
      account_type: 'ASSET',
      parent_account_id: null,
      is_active: true,
      ...changes,
    },
  });
const configuration = (changes: Partial<CommandByType['SetConfiguration']> = {}) =>
  testCommand('SetConfiguration', {
    config_id: testId('rounding'),
    config_key: 'report.rounding',
    config_value: '{"digits":2}',
    config_type: 'GLOBAL',
    is_active: true,
    ...changes,
  });

describe('an exchange rate', () => {
  it('is set and corrected in versions', () => {
    const ledger = testLedger().given(rate());
    expect(ledger.last('ExchangeRateSet').envelope).toMatchObject({
      event_version: 1,
      effective_date: '2026-03-31',
      aggregate_type: 'REFERENCE',
    });
    ledger.rejects(rate(), 'nothing-to-change');
    ledger.given(rate({ exchange_rate: '1.0846' }));
    expect(ledger.last('ExchangeRateSet').envelope.event_version).toBe(2);
    expect(JSON.parse(ledger.state.references.get(testId('EUR USD'))?.value ?? '')).toMatchObject({ exchange_rate: '1.0846' });
  });

  it('is rejected by name when it is none', () => {
    const ledger = testLedger().given(rate());
    ledger.rejects(rate({ exchange_rate: '0' }), 'invalid-exchange-rate');
    ledger.rejects(rate({ exchange_rate: '1.123456789' }), 'invalid-exchange-rate');
    ledger.rejects(rate({ exchange_rate: '-1' }), 'invalid-exchange-rate');
    ledger.rejects(rate({ base_currency: 'XYZ' }), 'unknown-currency');
    ledger.rejects(rate({ target_currency: 'EUR' }), 'unknown-currency');
    ledger.rejects(rate({ rate_id: testId('another') }), 'duplicate-reference');
    ledger.accepts(rate({ rate_id: testId('another'), rate_date: '2026-04-01' }), 'ExchangeRateSet');
  });
});

describe('an account', () => {
  it('is set up and changed, field by field', () => {
    const ledger = testLedger().given(account(), account({ account_name: 'Cash' }));
    expect(ledger.last('AccountSet')).toMatchObject({
      envelope: { event_version: 2 },
      changes: [{ field: 'account_name', old_value: 'Cash at bank', new_value: 'Cash' }],
    });
    ledger.rejects(account({ account_name: 'Cash' }), 'nothing-to-change');
    ledger.rejects(account({ account_id: testId('other') }), 'duplicate-reference');
    ledger.rejects(account({ account_code: '10 00' }), 'invalid-account');
    ledger.rejects(account({ parent_account_id: testId('cash') }), 'invalid-account');
    ledger.rejects(account({ parent_account_id: testId('nothing') }), 'unknown-account');
  });
});

describe('a configuration', () => {
  it('is set with what it was before', () => {
    const ledger = testLedger().given(configuration(), configuration({ config_value: '{"digits":4}' }));
    expect(ledger.all('ConfigurationSet').map(({ old_value }) => old_value)).toEqual([null, '{"digits":2}']);
    ledger.rejects(configuration({ config_value: '{' }), 'malformed-configuration');
    ledger.rejects(configuration({ config_id: testId('other') }), 'duplicate-reference');
    ledger.rejects(configuration({ config_key: ' ' }), 'malformed-configuration');
  });
});

describe('every command', () => {
  it('may name the version that its sender has seen', () => {
    const ledger = testLedger().given(...fundWith({ A: 100_00n }), rate());
    const income = transact('OTHER_INCOME', 1_00n, '2026-01-01');
    const seen = (version: number) =>
      ({ ...income, value: { ...income.value, header: { ...income.value.header, expected_version: version } } }) as typeof income;
    ledger.rejects(seen(2), 'version-conflict');
    ledger.accepts(seen(1), 'FundTransactionRecorded');
    ledger.rejects(seen(1), 'version-conflict', 'transaction-exists');
  });

  it('gives an id to one thing only', () => {
    const ledger = testLedger().given(...fundWith({ A: 100_00n }), rate());
    ledger.rejects(testCommand('CreateFund', { fund: testFund('Beta', { fund_id: testId('EUR USD') }) }), 'id-taken');
    ledger.rejects(testCommand('CreateFund', { fund: testFund('Beta', { fund_id: clockId(3) }) }), 'id-taken');
    ledger.rejects(configuration({ config_id: testId('EUR USD') }), 'id-taken');
  });
});

it('business dates of a partition are an aggregate of their own', () => {
  const ledger = testLedger().given(advance('2026-01-02', 5), advance('2026-01-05', 5));
  expect(ledger.last('BusinessDateAdvanced')).toMatchObject({
    business_date: '2026-01-05',
    previous_date: '2026-01-02',
    partition: 5,
    envelope: { aggregate_id: '00000000-0000-8000-8000-000000000005', event_version: 2, effective_date: '2026-01-05' },
  });
  expect(ledger.state.funds.get(lifeFund)).toBeUndefined();
});
