// Terms of the agreement: adopted in versions, checked before, effective by date.
import { describe, expect, it } from 'vitest';
import { testId } from '#tests/support/commands.ts';
import { adopt, fundWith, investorId, lifeFund } from '#tests/support/fund-commands.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { toEpochDay } from '../dates/local-date.ts';
import { fundWaterfallOn } from './terms.ts';
import { waterfallReasons } from './waterfall-rules.ts';

const funded = () => testLedger().given(...fundWith({ A: 100_00n }));
const waterfallOn = (ledger: ReturnType<typeof funded>, date: string) => {
  const fund = ledger.state.funds.get(lifeFund);
  if (fund === undefined) throw new Error('the fund is missing');
  return fundWaterfallOn(fund, toEpochDay(date));
};

describe('a term', () => {
  it('is a version of the terms of the fund', () => {
    const ledger = funded().given(adopt({ carry: '0.2' }), adopt({ carry: '0.1' }, { effective_date: '2022-01-01' }));
    expect(ledger.all('FundTermAdopted').map(({ terms_version, envelope }) => [terms_version, envelope.event_version])).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(waterfallOn(ledger, '2021-12-31')).toMatchObject({ version: 1, terms: { carry: '0.2' } });
    expect(waterfallOn(ledger, '2022-01-01')).toMatchObject({ version: 2, terms: { carry: '0.1' } });
  });

  it('that expires gives way to the one before', () => {
    const ledger = funded().given(
      adopt({ carry: '0.2' }),
      adopt({ carry: '0.1' }, { effective_date: '2022-01-01', expiry_date: '2023-01-01' }),
    );
    expect(['2022-12-31', '2023-01-01'].map((date) => waterfallOn(ledger, date).terms.carry)).toEqual(['0.1', '0.2']);
  });

  it('of the card of a fund counts until another is adopted', () => {
    const term = {
      term_id: testId('card term'),
      term_type: 'WATERFALL',
      term_name: 'As founded',
      term_value: '{"carry":"0.3"}',
      effective_date: '2020-01-01',
      expiry_date: null,
    } as const;
    const ledger = testLedger().given(...fundWith({ A: 100_00n }, { terms: [term] }));
    expect(waterfallOn(ledger, '2021-01-01')).toMatchObject({ termId: term.term_id, version: 0, terms: { carry: '0.3' } });
    ledger.rejects(adopt({}, { term_id: term.term_id }), 'duplicate-term');
    ledger.given(adopt({ carry: '0.2' }));
    expect(waterfallOn(ledger, '2021-01-01')).toMatchObject({ version: 1, terms: { carry: '0.2' } });
  });

  it('of another type than a waterfall is any JSON', () => {
    const ledger = funded();
    ledger.accepts(adopt({ base: 'committed', rate: '0.02' }, { term_type: 'FEE_STRUCTURE' }), 'FundTermAdopted');
    ledger.rejects(adopt({ noticeBusinessDays: -1 }, { term_type: 'CAPITAL_CALL' }), 'invalid-notice-period');
  });

  it('is rejected by name when it is not one, comes twice or ends before it begins', () => {
    const ledger = funded().given(adopt({}));
    ledger.rejects(adopt({}), 'duplicate-term');
    ledger.rejects(adopt({ carry: '0.1' }, { term_value: '{' }), 'malformed-term');
    ledger.rejects(adopt({ carry: '0.1' }, { expiry_date: '2020-01-01' }), 'term-dates-out-of-order');
    ledger.finds(adopt({ carry: '0.1' }, {}, investorId('Nobody')), 'side-letter-without-commitment');
  });

  it.each([
    ['invalid-term', { carry: '2' }],
    ['invalid-term', { carry: 0.2 }],
    ['invalid-term', { style: 'asian' }],
    ['invalid-term', { cary: '0.2' }],
    ['invalid-term', []],
    ['carry-tier-end', { carryTiers: [{ untilLpMoic: '2', carry: '0.2' }] }],
    ['hurdle-end', { hurdles: [] }],
    ['hurdles-with-carry-tiers', { hurdles: [{ gp: '0.2' }], carryTiers: [{ carry: '0.2' }] }],
    ['hurdles-with-carry-by-partner', { hurdles: [{ gp: '0.2' }], carryByPartner: {} }],
    ['carry-tiers-with-carry-by-partner', { carryTiers: [{ carry: '0.2' }], carryByPartner: {} }],
    ['clawback-with-hurdles', { hurdles: [{ gp: '0.2' }], clawback: { test: 'greater' } }],
    ['clawback-with-carry-tiers', { carryTiers: [{ carry: '0.2' }], clawback: { test: 'greater' } }],
    ['committed-capital-missing', { capitalReturned: 'committed' }],
  ])('is rejected as %s', (reason, terms) => {
    funded().rejects(adopt(terms), reason);
    expect(waterfallReasons).toContain(reason);
  });

  it('of one investor names carry, hurdle and catch-up alone', () => {
    const ledger = funded().given(adopt({ hurdleRate: '0.07' }));
    ledger.rejects(adopt({ style: 'american' }, {}, investorId('A')), 'invalid-term');
    ledger.given(adopt({ carry: '0.1', catchUp: '0.5' }, {}, investorId('A')));
    expect(waterfallOn(ledger, '2021-01-01')).toMatchObject({
      version: 2,
      terms: {
        hurdleRate: '0.07',
        aggregation: 'partner',
        partnerTerms: { [investorId('A')]: { carry: '0.1', catchUp: '0.5' } },
      },
    });
  });
});
