// The life of one fund from its terms to its last distribution, with a plausible J-curve: fees and costs first, values that dip and
// grow, sales from the fourth year on. What the ledger refuses is left out, as an accountant would.
import { addDays, addMonths, addYears, quarterEnd, toEpochDay } from '#domain/dates/local-date.ts';
import { unfundedOf } from '#domain/ledger/commitment-account.ts';
import { availableCash } from '#domain/journal/balances.ts';
import { heldOn } from '#domain/journal/investment-history.ts';
import type { DistributionKind, DistributionType, LocalDate, Minor, Uuid } from '#domain/messages.ts';
import { capitalCall, payCall } from './calls.ts';
import { adoptTerms, type FundPlan, million, setUp, thousand } from './fund-set-up.ts';
import type { Random } from './random.ts';
import type { Simulation } from './simulation.ts';
import type { GeneratedTerms } from './terms.ts';

interface Deal {
  readonly id: Uuid;
  readonly boughtOn: LocalDate;
  /** Fair value as a multiple of cost, when it is sold. */
  readonly multiple: number;
  readonly yearsHeld: number;
  ended: boolean;
}

const companies = [
  'Harbor Freight Lines',
  'Northwind Labs',
  'Blue Mesa Energy',
  'Quarry Software',
  'Lumen Clinics',
  'Tidewater Foods',
  'Granite Logistics',
  'Meridian Optics',
];

/** What is still to be done with a fund, in the order of its days. */
export const liveFund = (simulation: Simulation, plan: FundPlan, source: Random): GeneratedTerms => {
  const random = source.fork(`fund ${plan.number}`);
  const { fundId, terms, commitments, size } = setUp(simulation, plan, random);
  const committedOf = (): Minor => simulation.state.funds.get(fundId)?.committed ?? 0n;
  const life = () => simulation.state.funds.get(fundId)?.life ?? null;
  const cash = (): Minor => availableCash(life()?.balances ?? new Map());
  const { number, start, today } = plan;
  let sequence = 0;
  const id = (what: string): Uuid => simulation.id(what, number, (sequence += 1));

  // Before the first call: amounts change, one who thought better of it leaves.
  if (number % 4 === 0 && commitments.length > 3) {
    const raised = commitments[2] ?? '';
    const before = simulation.state.commitments.get(raised)?.amount ?? 0n;
    simulation.book('ChangeCommitmentAmount', addDays(start, 20), {
      commitment_id: raised,
      fund_id: fundId,
      new_amount: before + 50n * thousand,
      modification_id: id('modification'),
    });
  }
  if (number % 8 === 2 && commitments.length > 3)
    simulation.book('CancelCommitment', addDays(start, 25), {
      commitment_id: commitments.at(-1) ?? '',
      fund_id: fundId,
      modification_id: id('modification'),
    });
  adoptTerms(simulation, plan, fundId, terms, committedOf());
  if (number % 5 === 0)
    simulation.book('UpdateFund', addDays(start, 40), {
      fund_id: fundId,
      set: {
        fund_name: null,
        fund_type: null,
        fund_size: null,
        target_size: size + 10n * million,
        base_currency: null,
        vintage_year: null,
        inception_date: null,
        target_close_date: null,
        final_close_date: null,
        management_fee_rate: null,
        carried_interest_rate: null,
        hurdle_rate: null,
        catch_up_provision: null,
        fund_manager: null,
        investment_strategy: null,
        sub_strategy: 'Mid-market',
        geography: null,
        fund_status: null,
        terms: null,
      },
      clear: [],
    });

  const deals: Deal[] = [];
  const transact = (
    type: Parameters<typeof simulation.book<'RecordFundTransaction'>>[2]['transaction_type'],
    minor: Minor,
    date: LocalDate,
    dealId: Uuid | null = null,
    isCorrection = false,
  ): Uuid | null => {
    const transactionId = id('transaction');
    return simulation.book(
      'RecordFundTransaction',
      date,
      {
        transaction_id: transactionId,
        fund_id: fundId,
        transaction_type: type,
        amount: minor,
        investment_id: dealId,
        counterparty: type.startsWith('MANAGEMENT_FEE') ? 'Management company' : null,
      },
      { isCorrection },
    ) === null
      ? null
      : transactionId;
  };

  /** Where carry can be claimed back it has to be: early winners are sold before later losers. */
  const prospects = (place: number): Pick<Deal, 'multiple' | 'yearsHeld'> =>
    terms.waterfall.clawback === undefined
      ? { multiple: random.chance(0.15) ? 0 : 0.6 + 1.9 * random.factor(0.35), yearsHeld: random.whole(3, 5) }
      : place === 0
        ? { multiple: 6 + random.next(), yearsHeld: 2 }
        : { multiple: random.chance(0.5) ? 0 : 0.1 + random.next() * 0.2, yearsHeld: 5 };

  const callYear = (year: number): void => {
    const callDate = addDays(addYears(start, year), random.whole(25, 60));
    if (callDate > today) return;
    const isLast = year >= Math.min(5, plan.years - 2);
    // A third of what is unfunded in the first years, fees on top.
    const unfunded = [...simulation.state.commitments.values()]
      .filter(({ status }) => status === 'ACTIVE')
      .reduce((sum, commitment) => sum + unfundedOf(commitment), 0n);
    const invested = random.share(unfunded, isLast ? 0.25 : 0.22 + random.next() * 0.1, thousand);
    const fee = random.share(committedOf(), 0.018, 100n);
    const dealId = id('deal');
    const paid = payCall(
      simulation,
      capitalCall(simulation, {
        fundId,
        callId: id('call'),
        callDate,
        dueDate: addDays(callDate, number % 3 === 0 ? 10 : 18),
        purpose: `Investment ${deals.length + 1} and fees of year ${year + 1}`,
        investment: invested,
        fee,
        expenses: random.share(committedOf(), 0.0008, 100n),
        feeInside: number % 3 !== 1,
        deal: dealId,
        excused: year === 2 && number % 6 === 0 && commitments.length > 4 ? [commitments[3] ?? ''] : [],
        basis: number % 7 === 3 ? 'UNFUNDED' : 'COMMITMENT',
        abandonFirst: number % 8 === year,
      }),
      {
        random,
        id,
        isLate: number % 5 === year,
        hasCorrection: number % 3 === year % 3,
        leavesDefault: number % 8 === 5 && year === 1,
      },
    );
    if (paid === null) return;
    const boughtOn = addDays(paid, random.whole(1, 12));
    if (boughtOn > today) return;
    simulation.book('MakeInvestment', boughtOn, {
      investment_id: dealId,
      fund_id: fundId,
      portfolio_company: `${random.pick(companies)} ${number + 1}-${deals.length + 1}`,
      investment_type: random.pick(['EQUITY', 'DEBT', 'CONVERTIBLE']),
      investment_date: boughtOn,
      investment_amount: invested,
      transaction_id: id('payment'),
    });
    deals.push({
      id: dealId,
      boughtOn,
      ...prospects(deals.length),
      ended: false,
    });
  };

  const feesOf = (year: number): void => {
    for (const half of [0, 6]) {
      const date = addDays(addMonths(addYears(start, year), half), 90);
      if (date > today) return;
      const fee = random.share(committedOf(), 0.009, 100n);
      const accrued = transact('MANAGEMENT_FEE_ACCRUED', fee, date);
      transact('EXPENSE_ACCRUED', random.share(fee, 0.04), date);
      if (half === 0 && number % 4 === year % 4 && accrued !== null) {
        // Booked with a wrong amount, taken back, booked again.
        simulation.book(
          'ReverseFundTransaction',
          date,
          { transaction_id: accrued, fund_id: fundId },
          { isCorrection: true, reason: 'wrong amount' },
        );
        transact('MANAGEMENT_FEE_ACCRUED', fee + 1_00n, date, null, true);
      }
      transact('MANAGEMENT_FEE_PAID', random.share(fee, 0.9, 100n), addDays(date, 5));
      transact('EXPENSE_PAID', random.share(fee, 0.035), addDays(date, 6));
    }
    if (year === 0) transact('ORGANISATION_COST', random.share(committedOf(), 0.0005, 100n), addDays(start, 95));
    const income = random.share(committedOf(), 0.0002);
    if (addDays(addYears(start, year), 200) > today) return;
    transact('INTEREST_INCOME', income > 0n ? income : 1n, addDays(addYears(start, year), 200));
    if (number % 9 === 0)
      transact('INTEREST_EXPENSE', random.share(committedOf(), 0.0001) + 1n, addDays(addYears(start, year), 210));
    const [paying] = deals;
    if (paying !== undefined && !paying.ended && year > 1)
      transact('DIVIDEND_INCOME', random.share(committedOf(), 0.002) + 1n, addDays(addYears(start, year), 220), paying.id);
  };

  const valueDeals = (year: number): void => {
    for (const half of plan.isShort ? [6] : [0, 6]) {
      const date = quarterEnd(addMonths(addYears(start, year), half + 2));
      if (date > today) return;
      for (const deal of deals) {
        // Sales of the year may have been booked before: what counts is what was held on the day.
        const held = heldOn(simulation.state.journal.investments.get(deal.id) ?? [], toEpochDay(date));
        if (deal.boughtOn > date || held.costMinor === 0n) continue;
        const age = (Date.parse(date) - Date.parse(deal.boughtOn)) / 31_557_600_000;
        const way = Math.min(1, age / deal.yearsHeld);
        // A dip in the first year, then towards what it will fetch.
        const factor =
          (1 - 0.12 * Math.sin(Math.PI * Math.min(1, age))) * (1 + (deal.multiple - 1) * way * way) * random.factor(0.03);
        const fair = random.share(held.costMinor, Math.max(0, factor), thousand);
        const body = {
          valuation_id: id('valuation'),
          investment_id: deal.id,
          fund_id: fundId,
          fair_value: fair,
          valuation_method: random.pick(['market-multiple', 'discounted-cash-flow', 'recent-transaction']),
          valuation_source: 'Quarterly valuation committee',
          notes: null,
        };
        // Statements come weeks after the quarter: by then other things have been booked.
        simulation.book('ValueInvestment', date, body, { bookedOn: addDays(date, 45) });
        if (random.chance(0.06))
          simulation.book(
            'ValueInvestment',
            date,
            { ...body, valuation_id: id('valuation'), fair_value: fair + 7n * thousand, notes: 'audit adjustment' },
            { bookedOn: addDays(date, 80), isCorrection: true, reason: 'audit adjustment' },
          );
      }
    }
  };

  const distribute = (
    total: Minor,
    date: LocalDate,
    deal: Uuid | null,
    type: DistributionType,
    kind: DistributionKind,
  ): boolean => {
    if (total <= 0n || date > today) return false;
    const distributionId = id('distribution');
    const declared = simulation.book('DeclareDistribution', date, {
      distribution_id: distributionId,
      fund_id: fundId,
      distribution_number: null,
      distribution_date: date,
      record_date: date,
      distribution_type: type,
      distribution_kind: kind,
      investment_id: deal,
      total_distribution_amount: total,
      recallable_amount: number % 3 === 0 && type === 'CAPITAL' ? random.share(total, 0.05, 100n) : 0n,
      management_fee_offset: number % 6 === 4 ? random.share(total, 0.002, 100n) : 0n,
      withholdings:
        number % 5 === 2 ? plan.investors.slice(2, 4).map((investorId) => ({ investor_id: investorId, rate: '0.15' })) : [],
      preview_basis: null,
      assumed_terms: null,
    });
    if (declared === null) return false;
    if (random.chance(0.08)) {
      simulation.book(
        'CancelDistribution',
        addDays(date, 1),
        { distribution_id: distributionId, fund_id: fundId },
        { isCorrection: true, reason: 'declared too early' },
      );
      return distribute(total, addDays(date, 3), deal, type, kind);
    }
    simulation.book('PayDistribution', addDays(date, 5), {
      distribution_id: distributionId,
      fund_id: fundId,
      payment_date: addDays(date, 5),
    });
    return true;
  };

  const sell = (deal: Deal, date: LocalDate, part: number): void => {
    const history = simulation.state.journal.investments.get(deal.id) ?? [];
    const held = heldOn(history);
    if (held.costMinor === 0n || date > today) return;
    const isWhole = part >= 1;
    const cost = isWhole ? held.costMinor : random.share(held.costMinor, part, 100n);
    const proceeds = random.share(cost, Math.max(0.01, deal.multiple * random.factor(0.08)), 100n);
    if (deal.multiple === 0 && isWhole) {
      simulation.book('WriteOffInvestment', date, {
        transaction_id: id('write-off'),
        investment_id: deal.id,
        fund_id: fundId,
        cost_written_off: null,
      });
      deal.ended = true;
      return;
    }
    const sold = simulation.book('RealiseInvestment', date, {
      transaction_id: id('sale'),
      investment_id: deal.id,
      fund_id: fundId,
      proceeds,
      cost_realised: isWhole ? null : cost,
      remaining_fair_value: null,
    });
    if (sold === null) return;
    deal.ended = isWhole;
    const kind = number % 10 === 7 ? 'IN_KIND' : 'ORDINARY';
    const spare = cash();
    distribute(spare < proceeds ? spare : proceeds, addDays(date, random.whole(10, 30)), deal.id, 'CAPITAL', kind);
  };

  for (let year = 0; year < plan.years; year += 1) {
    if (addYears(start, year) > today) break;
    if (year < Math.min(plan.isShort ? 2 : 6, plan.years - 1)) callYear(year);
    feesOf(year);
    const [first] = deals;
    if (year === 2 && first !== undefined && number % 3 !== 2)
      simulation.book('IncreaseInvestment', addDays(addYears(start, year), 150), {
        investment_id: first.id,
        fund_id: fundId,
        amount: random.share(committedOf(), 0.004, thousand) + thousand,
        transaction_id: id('payment'),
      });
    if (year === 3 && number % 3 === 1 && plan.others.length > 0 && commitments.length > 2) {
      const from = commitments[1] ?? '';
      const amount = simulation.state.commitments.get(from)?.amount ?? 0n;
      simulation.book('TransferCommitment', addDays(addYears(start, year), 100), {
        commitment_id: from,
        fund_id: fundId,
        transferred_amount: number % 2 === 0 ? amount : random.share(amount, 0.4, 100n),
        to_investor_id: random.pick(plan.others),
        to_commitment_id: simulation.id('commitment', number, 'transfer'),
        modification_id: id('modification'),
      });
    }
    for (const deal of deals) {
      if (deal.ended) continue;
      const age = year - (Date.parse(deal.boughtOn) - Date.parse(start)) / 31_557_600_000;
      if (age >= deal.yearsHeld) sell(deal, addDays(addYears(start, year), random.whole(230, 330)), 1);
      else if (age >= 2 && random.chance(0.25)) sell(deal, addDays(addYears(start, year), random.whole(230, 330)), 0.3);
    }
    valueDeals(year);
    if (year > 3 && number % 4 === 3) {
      const income = random.share(cash(), 0.05, 100n);
      distribute(
        income,
        addDays(addYears(start, year), 340),
        deals[0]?.id ?? null,
        'INCOME',
        number % 8 === 3 ? 'TAX' : 'CURRENT_INCOME',
      );
    }
  }
  const end = addDays(addYears(start, plan.years), 5);
  if (end <= today) {
    for (const deal of deals) if (!deal.ended) sell(deal, addDays(end, deals.indexOf(deal)), 1);
    if (terms.waterfall.clawback !== undefined)
      simulation.book('ClawBackCarry', addDays(end, 60), {
        clawback_id: id('clawback'),
        fund_id: fundId,
        clawback_date: addDays(end, 60),
      });
    if (number % 2 === 0) simulation.book('CloseFund', addDays(end, 90), { fund_id: fundId, final_close_date: addDays(end, 90) });
  }
  return terms;
};
