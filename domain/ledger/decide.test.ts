// What the ledger accepts, what it rejects by name, and what it accepts with a finding.
import { describe, expect, it } from 'vitest';
import type { AnyCommand, FundPatch } from '../messages.ts';
import {
  testCommand,
  testCommitment,
  testFund,
  testId,
  testInvestor,
  testOpening,
  testValuation,
} from '#tests/support/commands.ts';
import { decideOn, testLedger } from '#tests/support/ledger.ts';
import { fundPatchFields } from './patch.ts';
import { rules } from './rules.ts';

const given = (...commands: AnyCommand[]) => {
  const { state } = testLedger().given(...commands);
  return {
    when: (command: AnyCommand) => {
      const decision = decideOn(state, command);
      return {
        then: (...types: string[]) =>
          expect(decision.kind === 'Accepted' ? decision.events.map((event) => event.type) : decision).toEqual(types),
        thenRejected: (...names: string[]) =>
          expect(
            decision.kind === 'Rejected'
              ? decision.reasons.filter((reason) => reason.severity === 'ERROR').map((reason) => reason.rule)
              : decision,
          ).toEqual(names),
        thenFound: (...names: string[]) =>
          expect(decision.kind === 'Accepted' ? decision.findings.map((finding) => finding.rule) : decision).toEqual(names),
        decision,
      };
    },
  };
};

const fund = (changes: Parameters<typeof testFund>[1] = {}): AnyCommand =>
  testCommand('CreateFund', { fund: testFund('Alpha', changes) });
const investor = (changes: Parameters<typeof testInvestor>[1] = {}): AnyCommand =>
  testCommand('CreateInvestor', { investor: testInvestor('Plan', changes) });
const noPatch = Object.fromEntries(fundPatchFields.map((field) => [field, null])) as unknown as FundPatch;
const update = (set: Partial<FundPatch>, clear: string[] = []): AnyCommand =>
  testCommand('UpdateFund', { fund_id: testId('fund Alpha'), set: { ...noPatch, ...set }, clear });
const alpha = testId('fund Alpha');
const close = (): AnyCommand => testCommand('CloseFund', { fund_id: alpha, final_close_date: '2026-02-01' });

describe('a fund', () => {
  it('is set up, changed and closed', () => {
    given().when(fund()).then('FundCreated');
    given(fund())
      .when(update({ fund_size: 500_000_000_00n }))
      .then('FundUpdated');
    given(fund()).when(close()).then('FundClosed');
  });
  it('tells what an update changed, field by field', () => {
    const { decision } = given(fund()).when(update({ fund_size: 100n, geography: 'Europe' }, ['fund_manager']));
    const changes =
      decision.kind === 'Accepted' && decision.events[0]?.type === 'FundUpdated' ? decision.events[0].body.changes : [];
    expect(changes).toEqual([
      { field: 'fund_size', old_value: null, new_value: '1.00' },
      { field: 'fund_manager', old_value: 'Example Partners', new_value: null },
      { field: 'geography', old_value: null, new_value: 'Europe' },
    ]);
  });
  it('is rejected by name when something is wrong', () => {
    given(fund()).when(fund()).thenRejected('duplicate-fund');
    given()
      .when(fund({ base_currency: 'XYZ' }))
      .thenRejected('unbookable-currency');
    given()
      .when(fund({ base_currency: 'KWD' }))
      .thenRejected('unbookable-currency');
    given()
      .when(fund({ fund_size: 0n }))
      .thenRejected('invalid-fund-field');
    given()
      .when(fund({ hurdle_rate: '8%' }))
      .thenRejected('invalid-fund-field');
    given()
      .when(fund({ fund_name: ' ' }))
      .thenRejected('invalid-fund-field');
    given()
      .when(fund({ final_close_date: '2019-01-01' }))
      .thenRejected('fund-dates-out-of-order');
    given()
      .when(update({ geography: 'Asia' }))
      .thenRejected('unknown-fund');
    given(fund()).when(update({})).thenRejected('nothing-to-change');
    given(fund())
      .when(update({}, ['base_currency']))
      .thenRejected('unclearable-field');
    given(fund(), close()).when(close()).thenRejected('fund-closed');
    given(fund(), investor(), testCommitment('Alpha', 'Plan', 100n))
      .when(update({ base_currency: 'EUR' }))
      .thenRejected('base-currency-fixed');
    given(fund(), investor(), testCommitment('Alpha', 'Plan', 100n))
      .when(update({ fund_size: 99n }))
      .thenRejected('fund-size-below-committed');
  });
});

describe('an investor', () => {
  it('is set up, checked and given a bank account', () => {
    given().when(investor()).then('InvestorCreated');
    given(investor({ kyc_status: 'PENDING', kyc_source: null }))
      .when(
        testCommand('RecordKycDecision', {
          investor_id: testId('investor Plan'),
          kyc_status: 'APPROVED',
          kyc_date: '2026-01-05',
          kyc_source: 'desk',
        }),
      )
      .then('KycDecisionRecorded');
  });
  it('is rejected by name when something is wrong', () => {
    given(investor()).when(investor()).thenRejected('duplicate-investor');
    given()
      .when(investor({ kyc_source: null }))
      .thenRejected('kyc-needs-source');
    given()
      .when(
        testCommand('RecordKycDecision', {
          investor_id: testId('nobody'),
          kyc_status: 'APPROVED',
          kyc_date: '2026-01-05',
          kyc_source: 'desk',
        }),
      )
      .thenRejected('unknown-investor');
  });
});

describe('a commitment', () => {
  it('depends on the version of the investor that was looked at', () => {
    const { decision } = given(fund(), investor()).when(testCommitment('Alpha', 'Plan', 1_000_000_00n));
    expect(decision.kind === 'Accepted' && decision.events[0]?.depends_on).toEqual([
      { aggregate_id: testId('investor Plan'), event_version: 1 },
    ]);
  });
  it('fills the fund to the last cent and not beyond', () => {
    const sized = [
      fund({ fund_size: 100_00n }),
      investor(),
      testCommand('CreateInvestor', { investor: testInvestor('Other') }),
      testCommitment('Alpha', 'Plan', 60_00n),
    ];
    given(...sized)
      .when(testCommitment('Alpha', 'Other', 40_00n))
      .then('CommitmentMade');
    given(...sized)
      .when(testCommitment('Alpha', 'Other', 40_01n))
      .thenRejected('fund-capacity-exceeded');
  });
  it('is rejected by name when something is wrong', () => {
    given(fund(), investor())
      .when(testCommitment('Alpha', 'Plan', 0n))
      .thenRejected('amount-not-positive');
    given(fund(), investor())
      .when(testCommitment('Alpha', 'Plan', -1n))
      .thenRejected('amount-not-positive');
    given(fund(), investor())
      .when(testCommitment('Alpha', 'Plan', 1n, { currency: 'EUR' }))
      .thenRejected('currency-differs');
    given(fund({ base_currency: 'JPY' }), investor())
      .when(testCommitment('Alpha', 'Plan', 10050n, { currency: 'JPY' }))
      .thenRejected('amount-finer-than-currency');
    given(investor())
      .when(testCommitment('Alpha', 'Plan', 1n))
      .thenRejected('unknown-fund');
    given(fund())
      .when(testCommitment('Alpha', 'Plan', 1n))
      .thenRejected('unknown-investor');
    given(fund(), investor({ kyc_status: 'PENDING' }))
      .when(testCommitment('Alpha', 'Plan', 1n))
      .thenRejected('kyc-not-approved');
    given(fund(), investor(), close())
      .when(testCommitment('Alpha', 'Plan', 1n))
      .thenRejected('fund-closed');
    given(fund(), investor(), testCommitment('Alpha', 'Plan', 1n))
      .when(testCommitment('Alpha', 'Plan', 1n))
      .thenRejected('duplicate-commitment');
    given(fund(), investor())
      .when(testCommitment('Alpha', 'Plan', 1n, { side_letter_terms: '{' }))
      .thenRejected('malformed-side-letter');
    given(fund(), investor())
      .when(testCommitment('Alpha', 'Plan', 1n, { side_letter_terms: '{"a":"\\u0000"}' }))
      .thenRejected('malformed-side-letter');
  });
  it('names every broken rule at once', () => {
    given()
      .when(testCommitment('Alpha', 'Plan', 0n))
      .thenRejected('unknown-fund', 'amount-not-positive', 'unknown-investor');
  });
});

describe('an id', () => {
  it('names one thing in the whole system', () => {
    given(fund(), investor())
      .when(testCommitment('Alpha', 'Plan', 1n, { commitment_id: testId('taken elsewhere') }))
      .thenRejected('id-taken');
    given(fund(), investor())
      .when(testCommitment('Alpha', 'Plan', 1n, { commitment_id: testId('investor Plan') }))
      .thenRejected('id-taken');
    given(investor())
      .when(testCommand('CreateFund', { fund: testFund('Other', { fund_id: testId('investor Plan') }) }))
      .thenRejected('id-taken');
  });
});

describe('an expected version', () => {
  it('that is not the current one is a version conflict', () => {
    given(fund())
      .when(testCommand('CloseFund', { fund_id: alpha, final_close_date: '2026-02-01' }, { expected_version: 2 }))
      .thenRejected('version-conflict');
    given(fund())
      .when(testCommand('CloseFund', { fund_id: alpha, final_close_date: '2026-02-01' }, { expected_version: 1 }))
      .then('FundClosed');
  });
});

describe('an opening balance', () => {
  const base = [fund(), investor(), testCommitment('Alpha', 'Plan', 100_00n)];
  const opening = (figures: Parameters<typeof testOpening>[2], changes = {}): AnyCommand =>
    testOpening('Alpha', 'Plan', figures, changes);
  it('is taken over as the source has it, with findings where it looks odd', () => {
    given(...base)
      .when(opening({ called: 50_00n, distributed: 10_00n, remaining: 60_00n }))
      .thenFound();
    given(...base)
      .when(opening({ called: 100_01n, distributed: 0n, remaining: 0n }))
      .thenFound('called-above-commitment');
    given(...base)
      .when(opening({ called: 50_00n, distributed: -1n, remaining: null }))
      .thenFound('negative-distribution');
    given(...base)
      .when(opening({ called: 50_00n, distributed: null, remaining: null }, { reported_vintage_year: 2021 }))
      .thenFound('vintage-differs');
    given(...base)
      .when(opening({ called: 100_00n, distributed: 50_00n, remaining: 60_00n }, { reported_multiple: '1.111' }))
      .thenFound();
    given(...base)
      .when(opening({ called: 100_00n, distributed: 50_00n, remaining: 60_00n }, { reported_multiple: '1.1111' }))
      .thenFound('reported-multiple-differs');
  });
  it('is taken over once', () => {
    given(...base, opening({ called: 1n, distributed: 0n, remaining: 0n }))
      .when(opening({ called: 1n, distributed: 0n, remaining: 0n }))
      .thenRejected('opening-balance-exists');
  });
  it('is rejected when called is negative or the commitment is not there', () => {
    given(...base)
      .when(opening({ called: -1n, distributed: 0n, remaining: 0n }))
      .thenRejected('negative-called');
    given(fund())
      .when(opening({ called: 1n, distributed: 0n, remaining: 0n }))
      .thenRejected('unknown-commitment');
    given(fund())
      .when(testValuation('Alpha', 'Plan', 1n))
      .thenRejected('unknown-commitment');
  });
});

describe('the rule registry', () => {
  it('has a name in kebab case and a description for every rule', () => {
    for (const { name, description } of rules) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(description).toMatch(/\.$/);
    }
  });
});
