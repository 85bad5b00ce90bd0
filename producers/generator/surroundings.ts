// What stands outside of the generated funds: investors with their checks and accounts, rates, chart of accounts and configuration, and
// funds that were taken over with their sums alone.
import { addDays, addMonths } from '#domain/dates/local-date.ts';
import type { InvestorView } from '#domain/ledger/state.ts';
import type { InvestorType, Sealed, Uuid } from '#domain/messages.ts';
import type { Random } from './random.ts';
import type { Simulation } from './simulation.ts';

const places = ['New York', 'London', 'Zurich', 'Singapore', 'Toronto', 'Sydney', 'Copenhagen', 'Austin'];
const kinds = [
  'Teachers Retirement System',
  'Insurance Company',
  'University Endowment',
  'Family Office',
  'Sovereign Fund',
  'Foundation',
];

/** The text that the intake will seal; the ledger only looks at what may be shown. */
const unsealed = (text: string): Sealed => ({
  key_id: '00000000-0000-4000-8000-000000000000',
  key_version: 1,
  nonce: new Uint8Array(12),
  ciphertext: new Uint8Array(0),
  masked: text,
});

/** Investors whose check is approved, in order. */
export const bookInvestors = (simulation: Simulation, count: number, source: Random): readonly Uuid[] => {
  const random = source.fork('investors');
  return Array.from({ length: count }, (_, number) => {
    const investorId = simulation.id('investor', number);
    const isChecked = number % 4 !== 0;
    simulation.book('CreateInvestor', '2000-01-03', {
      investor: {
        investor_id: investorId,
        investor_name: `${random.pick(places)} ${random.pick(kinds)} ${number + 1}`,
        investor_type: random.pick<InvestorType>([
          'PENSION_PLAN',
          'INSURER',
          'ENDOWMENT',
          'FAMILY_OFFICE',
          'SOVEREIGN_WEALTH',
          'FOUNDATION',
        ]),
        investor_category: 'INSTITUTIONAL',
        industry: 'Finance',
        aum_range: random.pick(['under 1bn', '1bn to 10bn', 'over 10bn']),
        geography: random.pick(['North America', 'Europe', 'Asia Pacific']),
        jurisdiction: random.pick(['US', 'GB', 'CH', 'SG', 'CA']),
        tax_id: null,
        contact_person: null,
        email: null,
        phone: null,
        address: null,
        kyc_status: isChecked ? 'APPROVED' : 'PENDING',
        kyc_date: isChecked ? '2000-01-03' : null,
        kyc_source: isChecked ? 'generator' : null,
      },
    });
    if (!isChecked)
      simulation.book('RecordKycDecision', '2000-01-10', {
        investor_id: investorId,
        kyc_status: 'APPROVED',
        kyc_date: '2000-01-10',
        kyc_source: 'compliance',
      });
    if (number % 4 === 1)
      simulation.book('UpdateInvestor', '2000-02-01', {
        investor_id: investorId,
        set: {
          investor_name: null,
          investor_type: null,
          investor_category: null,
          industry: 'Insurance',
          aum_range: null,
          geography: null,
          jurisdiction: null,
          tax_id: null,
          contact_person: null,
          email: null,
          phone: null,
          address: null,
        },
        clear: [],
      });
    if (number % 4 === 2)
      simulation.book('AddBankAccount', '2000-02-02', {
        investor_id: investorId,
        account: {
          banking_id: simulation.id('bank account', number),
          bank_name: unsealed('First Custody Bank'),
          account_number: unsealed(`00${String(number).padStart(8, '0')}`),
          routing_number: null,
          swift_code: null,
          iban: null,
          is_primary: true,
        },
      });
    return investorId;
  });
};

/** The investors of a simulation as funds see them. */
export const investorViews = (simulation: Simulation): ReadonlyMap<Uuid, InvestorView> =>
  new Map([...simulation.state.investors].map(([id, { card, version }]) => [id, { card, version }]));

/** Rates, accounts and configuration, `count` of each. */
export const bookReferenceData = (simulation: Simulation, count: number, source: Random): void => {
  const random = source.fork('reference data');
  for (let number = 0; number < count; number += 1) {
    const date = addMonths('2008-01-31', Math.floor(number / 2));
    simulation.book('SetExchangeRate', date, {
      rate_id: simulation.id('rate', number),
      base_currency: number % 2 === 0 ? 'EUR' : 'GBP',
      target_currency: 'USD',
      exchange_rate: ((number % 2 === 0 ? 1.15 : 1.4) * random.factor(0.08)).toFixed(8),
      rate_date: date,
      rate_source: 'generator',
    });
    simulation.book('SetAccount', '2008-01-01', {
      account: {
        account_id: simulation.id('account', number),
        account_code: `9${String(number).padStart(4, '0')}`,
        account_name: `Memorandum account ${number + 1}`,
        account_type: 'EXPENSE',
        parent_account_id: null,
        is_active: true,
      },
    });
    simulation.book('SetConfiguration', '2008-01-01', {
      config_id: simulation.id('configuration', number),
      config_key: `report.section.${number + 1}`,
      config_value: JSON.stringify({ shown: number % 2 === 0 }),
      config_type: 'GLOBAL',
      is_active: true,
    });
  }
};

/** A fund that was taken over: commitments with sums up to a day, and values after it. */
export const bookTakenOver = (simulation: Simulation, number: number, investors: readonly Uuid[], source: Random): void => {
  const random = source.fork(`taken over ${number}`);
  const fundId = simulation.id('taken over', number);
  simulation.book('CreateFund', '2011-01-03', {
    fund: {
      fund_id: fundId,
      fund_name: `Legacy Partners ${number + 1}`,
      fund_type: 'PE',
      fund_size: null,
      target_size: null,
      base_currency: 'USD',
      vintage_year: 2011,
      inception_date: '2011-01-03',
      target_close_date: null,
      final_close_date: null,
      management_fee_rate: null,
      carried_interest_rate: null,
      hurdle_rate: null,
      catch_up_provision: null,
      fund_manager: 'Legacy Administrators',
      investment_strategy: 'Buyout',
      sub_strategy: null,
      geography: null,
      fund_status: 'ACTIVE',
      terms: [],
      assumed_fields: [],
    },
  });
  investors.forEach((investorId, place) => {
    const amount = random.share(1_000_000_00n, random.whole(5, 60));
    const commitmentId = simulation.id('taken over commitment', number, place);
    const commitment = { commitment_id: commitmentId, fund_id: fundId };
    simulation.book('MakeCommitment', '2011-01-03', {
      ...commitment,
      investor_id: investorId,
      commitment_amount: amount,
      currency: 'USD',
      commitment_date: '2011-01-03',
      commitment_type: 'INITIAL',
      side_letter_terms: null,
      assumed_fields: [],
    });
    simulation.book('RecordOpeningBalance', '2020-12-31', {
      ...commitment,
      called_amount: random.share(amount, 0.9),
      distributed_amount: random.share(amount, 0.5),
      remaining_value: random.share(amount, 0.8),
      reported_irr: '0.11',
      reported_multiple: null,
      reported_vintage_year: 2011,
      source: 'former administrator',
    });
    for (const [quarter, factor] of [0.82, 0.85, 0.81].entries())
      simulation.book('RecordValuation', addDays(addMonths('2021-03-31', quarter * 3), 0), {
        ...commitment,
        remaining_value: random.share(amount, factor),
        valuation_source: 'statement',
      });
  });
};
