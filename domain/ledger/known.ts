// What an event refers to must be there: the log contradicts itself otherwise, which is a defect.
import type { Uuid } from '../messages.ts';
import type {
  CallState,
  CommitmentState,
  DistributionState,
  FundState,
  InvestmentState,
  LedgerState,
  NoticeState,
} from './state.ts';

/** The value. @throws Error naming what is missing. */
export const must = <Value>(value: Value | undefined, what: string): Value => {
  if (value === undefined) throw new Error(`the log names ${what}, which no earlier event created`);
  return value;
};

export const fundOf = (state: LedgerState, id: Uuid): FundState => must(state.funds.get(id), `fund ${id}`);
export const commitmentOf = (state: LedgerState, id: Uuid): CommitmentState =>
  must(state.commitments.get(id), `commitment ${id}`);
export const callOf = (state: LedgerState, id: Uuid): CallState => must(state.calls.get(id), `capital call ${id}`);
export const noticeOf = (call: CallState, id: Uuid): NoticeState => must(call.notices.get(id), `notice ${id}`);
export const distributionOf = (state: LedgerState, id: Uuid): DistributionState =>
  must(state.distributions.get(id), `distribution ${id}`);
export const investmentOf = (state: LedgerState, id: Uuid): InvestmentState =>
  must(state.investments.get(id), `investment ${id}`);
