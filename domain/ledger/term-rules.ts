// Rules of the terms of the agreement.
import { isKeepableJson } from './fund-rules.ts';
import { oncePerDecision } from './once.ts';
import { rule, type Rule } from './rule.ts';
import { parseSideLetter, parseWaterfallTerms } from './waterfall-term.ts';
import type { WaterfallError } from '../waterfall/terms.ts';

/** Business days of notice that a CAPITAL_CALL term names; null when it names none. */
export const noticeDaysOf = (text: string): number | null => {
  const days = (JSON.parse(text) as { noticeBusinessDays?: unknown } | null)?.noticeBusinessDays;
  return typeof days === 'number' && Number.isInteger(days) && days >= 0 ? days : null;
};

/** Why the waterfall of an AdoptFundTerm cannot be run, or null. */
export const adoptedTermError = oncePerDecision(({ command }): WaterfallError | null => {
  if (command.type !== 'AdoptFundTerm' || command.value.term.term_type !== 'WATERFALL') return null;
  const { term, investor_id } = command.value;
  if (!isKeepableJson(term.term_value)) return null;
  const read = investor_id === null ? parseWaterfallTerms(term.term_value) : parseSideLetter(term.term_value);
  return read.kind === 'error' ? read : null;
});

export const termRules: readonly Rule[] = [
  rule({
    name: 'duplicate-term',
    description: 'A term id is used once; a new version of a term has an id of its own.',
    severity: 'ERROR',
    commands: ['AdoptFundTerm'],
    check: ({ fund_id, term: { term_id } }, { state }) => {
      const fund = state.funds.get(fund_id);
      const known = [...(fund?.card.terms ?? []), ...(fund?.life?.terms.map(({ term }) => term) ?? [])];
      return known.some((term) => term.term_id === term_id)
        ? { field: 'term_id', message: `term ${term_id} was adopted already; give the new version an id of its own` }
        : null;
    },
  }),
  rule({
    name: 'malformed-term',
    description: 'The value of a term is one JSON document without U+0000.',
    severity: 'ERROR',
    commands: ['AdoptFundTerm'],
    check: ({ term }) =>
      isKeepableJson(term.term_value)
        ? null
        : { field: 'term_value', message: `term_value of term ${term.term_id} is not one JSON document without U+0000` },
  }),
  rule({
    name: 'term-dates-out-of-order',
    description: 'A term expires after it takes effect.',
    severity: 'ERROR',
    commands: ['AdoptFundTerm'],
    check: ({ term: { term_id, effective_date, expiry_date } }) =>
      expiry_date === null || expiry_date > effective_date
        ? null
        : {
            field: 'expiry_date',
            message: `term ${term_id} expires on ${expiry_date}, not after it takes effect on ${effective_date}`,
          },
  }),
  rule({
    name: 'invalid-notice-period',
    description: 'A CAPITAL_CALL term that names noticeBusinessDays gives a whole number of 0 or more.',
    severity: 'ERROR',
    commands: ['AdoptFundTerm'],
    check: ({ term: { term_type, term_value } }) =>
      term_type !== 'CAPITAL_CALL' ||
      !isKeepableJson(term_value) ||
      !term_value.includes('"noticeBusinessDays"') ||
      noticeDaysOf(term_value) !== null
        ? null
        : {
            field: 'term_value',
            message: 'noticeBusinessDays is not a whole number of 0 or more; write { "noticeBusinessDays": 10 }',
          },
  }),
  rule({
    name: 'side-letter-without-commitment',
    description: 'The investor of a side letter holds a commitment in the fund.',
    severity: 'WARNING',
    commands: ['AdoptFundTerm'],
    check: ({ fund_id, investor_id }, { state }) => {
      if (investor_id === null) return null;
      const held = (state.funds.get(fund_id)?.commitments ?? []).some(
        (id) => state.commitments.get(id)?.investorId === investor_id,
      );
      return held ? null : { field: 'investor_id', message: `investor ${investor_id} has no commitment in fund ${fund_id} yet` };
    },
  }),
];
