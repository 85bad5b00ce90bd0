// Decides investments: made, increased, valued, sold and written off. Each counts on its effective date, so that a back-dated one
// is decided on what was held then.
import { toEpochDay } from '../dates/local-date.ts';
import { heldOn, leastCostFrom, type InvestmentHistory } from '../journal/investment-history.ts';
import type { CommandByType, InvestmentStatus, Minor } from '../messages.ts';
import { fixedFromInteger, over, times } from '../numbers/fixed.ts';
import { draft, type DraftEvent } from './decision.ts';
import { historyFor } from './investment-rules.ts';
import type { RuleContext } from './rule.ts';
import { roundToUnit, unitOf } from './units.ts';

export const decideMakeInvestment = (command: CommandByType['MakeInvestment'], { state }: RuleContext): readonly DraftEvent[] => {
  const { header: _, ...investment } = command;
  const currency = state.funds.get(investment.fund_id)?.card.base_currency;
  if (currency === undefined) return [];
  const at = { id: investment.investment_id, version: 1, on: investment.investment_date };
  return [draft('InvestmentMade', 'INVESTMENT', at, { ...investment, currency })];
};

interface Situation {
  readonly version: number;
  readonly currency: string;
  readonly history: InvestmentHistory;
}

const situationOf = (context: RuleContext, investmentId: string, fundId: string): Situation | null => {
  const version = context.state.investments.get(investmentId)?.version;
  const currency = context.state.funds.get(fundId)?.card.base_currency;
  const history = historyFor(context, investmentId, fundId);
  return version === undefined || currency === undefined || history === null ? null : { version, currency, history };
};

export const decideIncreaseInvestment = (
  { header, ...increase }: CommandByType['IncreaseInvestment'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const now = situationOf(context, increase.investment_id, increase.fund_id);
  if (now === null) return [];
  const held = heldOn(now.history, toEpochDay(header.effective_date));
  return [
    draft(
      'InvestmentIncreased',
      'INVESTMENT',
      { id: increase.investment_id, version: now.version + 1 },
      {
        ...increase,
        cost_after: held.costMinor + increase.amount,
        fair_value_after: held.fairMinor + increase.amount,
        currency: now.currency,
      },
    ),
  ];
};

export const decideValueInvestment = (
  { header, ...valuation }: CommandByType['ValueInvestment'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const now = situationOf(context, valuation.investment_id, valuation.fund_id);
  if (now === null) return [];
  const { costMinor: cost } = heldOn(now.history, toEpochDay(header.effective_date));
  return [
    draft(
      'InvestmentValued',
      'INVESTMENT',
      { id: valuation.investment_id, version: now.version + 1 },
      { ...valuation, cost, unrealised_gain_loss: valuation.fair_value - cost, currency: now.currency },
    ),
  ];
};

/** Cost that goes, cost and value that stay. */
interface Part {
  readonly cost: Minor;
  readonly remainingCost: Minor;
  readonly remainingFair: Minor;
}

/**
 * What goes of an investment and what stays, on a day. Unless a value is given, the rest keeps its share of the former value: of a
 * cost of 30.00 worth 45.00, 10.00 sold leaves 45.00 − 15.00 = 30.00, half-even to the cent.
 */
const partOf = (
  history: InvestmentHistory,
  date: string,
  { cost: wanted, fair, unit }: { readonly cost: Minor | null; readonly fair: Minor | null; readonly unit: Minor },
): Part => {
  const day = toEpochDay(date);
  const held = heldOn(history, day);
  const cost = wanted ?? leastCostFrom(history, day);
  const remainingCost = held.costMinor - cost;
  if (remainingCost === 0n) return { cost, remainingCost, remainingFair: 0n };
  const share = over(fixedFromInteger(cost), fixedFromInteger(held.costMinor));
  const gone = roundToUnit(times(fixedFromInteger(held.fairMinor), share), unit);
  return { cost, remainingCost, remainingFair: fair ?? held.fairMinor - gone };
};

/** Where the investment stands after everything booked, this included. */
const statusAfter = (history: InvestmentHistory, cost: Minor, ended: InvestmentStatus): InvestmentStatus =>
  heldOn(history).costMinor === cost ? ended : 'PARTIALLY_REALISED';

export const decideRealiseInvestment = (
  command: CommandByType['RealiseInvestment'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const { header, transaction_id, investment_id, fund_id, proceeds, cost_realised, remaining_fair_value } = command;
  const now = situationOf(context, investment_id, fund_id);
  if (now === null) return [];
  const part = partOf(now.history, header.effective_date, {
    cost: cost_realised,
    fair: remaining_fair_value,
    unit: unitOf(now.currency),
  });
  return [
    draft(
      'InvestmentRealised',
      'INVESTMENT',
      { id: investment_id, version: now.version + 1 },
      {
        transaction_id,
        investment_id,
        fund_id,
        proceeds,
        cost_realised: part.cost,
        realised_gain_loss: proceeds - part.cost,
        remaining_cost: part.remainingCost,
        remaining_fair_value: part.remainingFair,
        investment_status: statusAfter(now.history, part.cost, 'REALISED'),
        currency: now.currency,
      },
    ),
  ];
};

export const decideWriteOffInvestment = (
  { header, transaction_id, investment_id, fund_id, cost_written_off }: CommandByType['WriteOffInvestment'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const now = situationOf(context, investment_id, fund_id);
  if (now === null) return [];
  const part = partOf(now.history, header.effective_date, { cost: cost_written_off, fair: null, unit: unitOf(now.currency) });
  return [
    draft(
      'InvestmentWrittenOff',
      'INVESTMENT',
      { id: investment_id, version: now.version + 1 },
      {
        transaction_id,
        investment_id,
        fund_id,
        cost_written_off: part.cost,
        remaining_cost: part.remainingCost,
        remaining_fair_value: part.remainingFair,
        investment_status: statusAfter(now.history, part.cost, 'WRITTEN_OFF'),
        currency: now.currency,
      },
    ),
  ];
};
