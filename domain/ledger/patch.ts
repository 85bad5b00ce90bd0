// Applies the changes of an update command to a card and tells what changed, field by field, for the audit trail.
import type { FieldChange, FundCard, FundPatch, InvestorCard, InvestorPatch, Sealed } from '../messages.ts';
import { formatMoney } from '../money/money.ts';

/** Fields that an UpdateFund may set. */
export const fundPatchFields = [
  'fund_name',
  'fund_type',
  'fund_size',
  'target_size',
  'base_currency',
  'vintage_year',
  'inception_date',
  'target_close_date',
  'final_close_date',
  'management_fee_rate',
  'carried_interest_rate',
  'hurdle_rate',
  'catch_up_provision',
  'fund_manager',
  'investment_strategy',
  'sub_strategy',
  'geography',
  'fund_status',
  'terms',
] as const satisfies readonly (keyof FundPatch)[];
/** Fields that are never unknown. */
export const requiredFundFields = ['fund_name', 'fund_type', 'base_currency', 'fund_status', 'terms'] as const;
/** Fields that an UpdateInvestor may set. */
export const investorPatchFields = [
  'investor_name',
  'investor_type',
  'investor_category',
  'industry',
  'aum_range',
  'geography',
  'jurisdiction',
  'tax_id',
  'contact_person',
  'email',
  'phone',
  'address',
] as const satisfies readonly (keyof InvestorPatch)[];
export const requiredInvestorFields = ['investor_name', 'investor_type'] as const;

const isSealed = (value: object): value is Sealed => 'ciphertext' in value;

/** How a value stands in the audit trail: money as decimal text, sealed fields masked, lists as JSON. */
const auditText = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return formatMoney(value);
  if (typeof value === 'object') return isSealed(value) ? value.masked : JSON.stringify(value);
  return String(value as string | number | boolean);
};
const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, at) => byte === right[at]);
const same = (left: unknown, right: unknown): boolean => {
  if (typeof left === 'object' && left !== null && typeof right === 'object' && right !== null) {
    if (isSealed(left) && isSealed(right))
      return sameBytes(left.ciphertext, right.ciphertext) && sameBytes(left.nonce, right.nonce);
    return JSON.stringify(left) === JSON.stringify(right);
  }
  return left === right;
};

const patch = <Card extends object>(
  card: Card,
  set: object,
  clear: readonly string[],
  fields: readonly string[],
): { readonly card: Card; readonly changes: readonly FieldChange[] } => {
  const before = card as Record<string, unknown>;
  const after: Record<string, unknown> = { ...before };
  const changes: FieldChange[] = [];
  for (const field of fields) {
    const wanted = (set as Record<string, unknown>)[field] ?? null;
    const value = clear.includes(field) ? null : (wanted ?? before[field]);
    if (same(before[field], value)) continue;
    after[field] = value;
    changes.push({ field, old_value: auditText(before[field]), new_value: auditText(value) });
  }
  return { card: after as Card, changes };
};

/** The fund after an update, and what changed. A field that is set is no longer assumed. */
export const patchFund = (
  card: FundCard,
  set: FundPatch,
  clear: readonly string[],
): { readonly card: FundCard; readonly changes: readonly FieldChange[] } => {
  const { card: patched, changes } = patch(card, set, clear, fundPatchFields);
  const confirmed = (name: string): boolean => (set as unknown as Record<string, unknown>)[name] !== null || clear.includes(name);
  return { card: { ...patched, assumed_fields: card.assumed_fields.filter((name) => !confirmed(name)) }, changes };
};

/** The investor after an update, and what changed. */
export const patchInvestor = (
  card: InvestorCard,
  set: InvestorPatch,
  clear: readonly string[],
): { readonly card: InvestorCard; readonly changes: readonly FieldChange[] } => patch(card, set, clear, investorPatchFields);
