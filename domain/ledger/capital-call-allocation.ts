// Who owes what of a capital call: each portion shared out over the commitments that take part, to the cent, with the exact
// residuals carried from call to call (design.md 5, Allocation).
import { allocate, type Share } from '../allocation/allocate.ts';
import { ratio } from '../capital-accounts/ratio.ts';
import type { CapitalCallNotice, Minor, Uuid } from '../messages.ts';
import { formatRational, parseRational, ZERO } from '../numbers/rational.ts';
import { accountView, unfundedOf } from './commitment-account.ts';
import { oncePerDecision } from './once.ts';
import type { RuleContext } from './rule.ts';
import type { CallState, CommitmentState, Residuals } from './state.ts';
import { unitOf } from './units.ts';

/** A commitment with what it weighs in a call. */
interface Participant {
  readonly id: Uuid;
  readonly commitment: CommitmentState;
  readonly weight: Minor;
  readonly residuals: Residuals;
}

const participantsOf = ({ state }: RuleContext, call: CallState): readonly Participant[] =>
  (state.funds.get(call.fundId)?.commitments ?? []).flatMap((id) => {
    const commitment = state.commitments.get(id);
    if (commitment === undefined || commitment.status !== 'ACTIVE' || call.excused.includes(id)) return [];
    const weight = call.basis === 'UNFUNDED' ? unfundedOf(commitment) : commitment.amount;
    return weight > 0n ? [{ id, commitment, weight, residuals: accountView(commitment).residuals }] : [];
  });

const portion = (
  total: Minor,
  participants: readonly Participant[],
  residual: 'investment' | 'managementFee' | 'expenses',
  unit: Minor,
): readonly Share[] => {
  const allocation = allocate(
    total / unit,
    participants.map(({ id, weight, residuals }) => ({ id, weight, residual: parseRational(residuals[residual]) ?? ZERO })),
  );
  if (allocation.kind === 'error') throw new Error(`a call of ${total} cents cannot be shared out: ${allocation.reason}`);
  return allocation.shares.map((share) => ({ ...share, minor: share.minor * unit }));
};

/**
 * Notices of a call over the commitments that take part and weigh anything; one that gets 0.00 has a notice of 0.00. Worked (case
 * A01): 1,000,000.01 by three equal commitments is 333,333.34, .34 and .33.
 */
const allocateCall = (context: RuleContext, callId: Uuid, call: CallState): readonly CapitalCallNotice[] => {
  const participants = participantsOf(context, call);
  if (participants.length === 0) return [];
  const unit = unitOf(context.state.funds.get(call.fundId)?.card.base_currency ?? '');
  const investment = portion(call.investment, participants, 'investment', unit);
  const managementFee = portion(call.managementFee, participants, 'managementFee', unit);
  const expenses = portion(call.expenses, participants, 'expenses', unit);
  const notices = participants.map(({ id, commitment }, index): CapitalCallNotice => {
    const [invested, fee, expense] = [investment[index], managementFee[index], expenses[index]].map((share) => ({
      minor: share?.minor ?? 0n,
      residual: formatRational(share?.residual ?? ZERO),
    })) as [Owed, Owed, Owed];
    const outside = (call.managementFeeInside ? 0n : fee.minor) + (call.expensesInside ? 0n : expense.minor);
    const amount = invested.minor + fee.minor + expense.minor;
    const unfunded = unfundedOf(commitment);
    return {
      notice_id: context.deriveId(callId, id),
      commitment_id: id,
      investor_id: commitment.investorId,
      call_amount: amount,
      percentage_called: ratio(amount - outside, commitment.amount) ?? '0.0000000000',
      investment_portion: invested.minor,
      management_fee_portion: fee.minor,
      expenses_portion: expense.minor,
      outside_commitment: outside,
      unfunded_before: unfunded,
      unfunded_after: unfunded - (amount - outside),
      investment_residual: invested.residual,
      management_fee_residual: fee.residual,
      expenses_residual: expense.residual,
    };
  });
  const called = notices.reduce((sum, { call_amount }) => sum + call_amount, 0n);
  if (called !== totalOf(call)) throw new Error(`notices of call ${callId} add up to ${called} cents, not to ${totalOf(call)}`);
  return notices;
};

interface Owed {
  readonly minor: Minor;
  readonly residual: string;
}

/** Sum of the three amounts of a call. */
export const totalOf = ({ investment, managementFee, expenses }: CallState): Minor => investment + managementFee + expenses;

/** The notices that an IssueCapitalCall would send; none for another command or an unknown call. */
export const issuedNotices = oncePerDecision((context): readonly CapitalCallNotice[] => {
  const { command, state } = context;
  if (command.type !== 'IssueCapitalCall') return [];
  const call = state.calls.get(command.value.call_id);
  return call === undefined || call.status !== 'DRAFT' ? [] : allocateCall(context, command.value.call_id, call);
});
