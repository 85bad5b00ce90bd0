// One row as a position: every field checked and typed, or every reason why not. Empty means unknown and stays null, never 0.
import { parseLocalDate } from '#domain/dates/local-date.ts';
import { fundTypeValues, investorTypeValues, type FundType, type InvestorType } from '#domain/messages.ts';
import { parseMoney } from '#domain/money/money.ts';
import { currencyFix, moneyFix, textFix } from '../avro-zod.ts';
import type { RowReason } from './errors.ts';
import { columnsOf, type Mapping, type PositionField } from './mapping.ts';

/** A position of an investor in a fund, as a file states it. */
export interface Position {
  readonly investor_name: string;
  readonly investor_type: InvestorType;
  readonly investor_category: string | null;
  readonly investor_geography: string | null;
  readonly investor_effective_date: string;
  readonly fund_name: string;
  readonly fund_type: FundType;
  readonly fund_manager: string | null;
  readonly investment_strategy: string | null;
  readonly sub_strategy: string | null;
  readonly fund_geography: string | null;
  readonly vintage_year: number | null;
  readonly base_currency: string;
  readonly inception_date: string | null;
  readonly commitment_amount: bigint;
  readonly commitment_date: string;
  readonly called_amount: bigint | null;
  readonly distributed_amount: bigint | null;
  readonly remaining_value: bigint | null;
  readonly reported_irr: string | null;
  readonly reported_multiple: string | null;
  /** Null when the row has no figures to take over. */
  readonly as_of_date: string | null;
  /** Values of the further key columns. */
  readonly key: readonly string[];
  /** Fields that the source does not say. */
  readonly assumed: readonly PositionField[];
}

export type ReadPosition =
  | { readonly kind: 'ok'; readonly position: Position }
  | { readonly kind: 'rejected'; readonly reasons: readonly RowReason[] };

const nameCharactersMax = 255;

/** A reader of rows under the columns of a file. */
export const createPositionReader = (
  mapping: Mapping,
  columns: readonly string[],
): ((line: number, cells: readonly string[]) => ReadPosition) => {
  const places = new Map(columnsOf(mapping).map((column) => [column, columns.indexOf(column)]));
  const sources = Object.entries(mapping.fields) as readonly [PositionField, Mapping['fields'][PositionField]][];
  const assumed = sources
    .filter(([, source]) => source !== undefined && 'assumed' in source && source.assumed)
    .map(([field]) => field);
  // Named as the person who wrote the file knows it.
  const labels = new Map(
    sources.map(([field, source]) => [field, source !== undefined && 'column' in source ? source.column : field]),
  );

  return (line, cells) => {
    const reasons: RowReason[] = [];
    const refuse = (code: string, field: PositionField, text: string, fix: string): null => {
      reasons.push({ code, message: `line ${line}: ${labels.get(field) ?? field} ${JSON.stringify(text)} ${fix}` });
      return null;
    };
    const cell = (column: string): string => (cells[places.get(column) ?? -1] ?? '').trim().normalize('NFC');
    const textOf = (field: PositionField): string | null => {
      const source = mapping.fields[field];
      if (source === undefined) return null;
      if ('constant' in source) return source.constant;
      if ('first_day_of_year' in source) {
        const year = textOf(source.first_day_of_year);
        return year === null || !/^\d{4}$/.test(year) ? null : `${year}-01-01`;
      }
      const text = cell(source.column);
      if (text === '') return null;
      if (source.values === undefined) return text;
      return (
        source.values[text] ??
        refuse(
          'unknown-value',
          field,
          text,
          `has no translation to ${field}; add it to the mapping or correct it (known: ${Object.keys(source.values).join(', ')})`,
        )
      );
    };
    const name = (field: PositionField): string | null => {
      const text = textOf(field);
      if (text === null) return null;
      const fix = textFix(text);
      if (fix !== null) return refuse('invalid-text', field, text, fix);
      return text.length <= nameCharactersMax
        ? text
        : refuse(
            'invalid-text',
            field,
            `${text.slice(0, 40)}…`,
            `has ${text.length} characters; at most ${nameCharactersMax} are kept`,
          );
    };
    const money = (field: PositionField): bigint | null => {
      const text = textOf(field);
      if (text === null) return null;
      const parsed = parseMoney(text);
      return parsed.kind === 'ok' ? parsed.minor : refuse(parsed.reason, field, text, moneyFix(text) ?? '');
    };
    const date = (field: PositionField): string | null => {
      const text = textOf(field);
      if (text === null) return null;
      return parseLocalDate(text).kind === 'ok'
        ? text
        : refuse('not-a-date', field, text, 'is not a day of the calendar; write it as 2026-03-31');
    };
    const number = (field: PositionField): string | null => {
      const text = textOf(field);
      if (text === null) return null;
      return /^-?\d+(\.\d+)?$/.test(text)
        ? text
        : refuse('not-a-number', field, text, 'is not a decimal number such as 0.0590; leave it empty when it is unknown');
    };
    const year = (field: PositionField): number | null => {
      const text = textOf(field);
      if (text === null) return null;
      return /^\d{4}$/.test(text) && text >= '1900' && text <= '2200'
        ? Number(text)
        : refuse('not-a-year', field, text, 'is not a year from 1900 to 2200');
    };
    const symbol = <Symbol extends string>(field: PositionField, symbols: readonly Symbol[]): Symbol | null => {
      const text = textOf(field);
      if (text === null) return null;
      return (
        symbols.find((known) => known === text) ??
        refuse('unknown-value', field, text, `is not one of ${symbols.join(', ')}; correct it or translate it in the mapping`)
      );
    };
    const required = <Value>(field: PositionField, value: Value | null): Value | null => {
      // Why a value is missing was said where it is broken: only a silent gap is told here.
      if (value === null && !reasons.some(({ message }) => message.includes(`: ${labels.get(field) ?? field} `))) {
        const source = mapping.fields[field];
        const cause =
          source !== undefined && 'first_day_of_year' in source
            ? `${labels.get('vintage_year') ?? 'vintage_year'} is empty, and ${field} is its first day`
            : `${labels.get(field) ?? field} is empty; it is needed`;
        reasons.push({ code: 'missing-value', message: `line ${line}: ${cause}` });
      }
      return value;
    };

    const investor_name = required('investor_name', name('investor_name'));
    const investor_type = required('investor_type', symbol('investor_type', investorTypeValues));
    const investor_effective_date = required('investor_effective_date', date('investor_effective_date'));
    const fund_name = required('fund_name', name('fund_name'));
    const fund_type = required('fund_type', symbol('fund_type', fundTypeValues));
    const base_currency = required('base_currency', textOf('base_currency'));
    if (base_currency !== null) {
      const fix = currencyFix(base_currency);
      if (fix !== null) refuse('unbookable-currency', 'base_currency', base_currency, fix);
    }
    const commitment_amount = required('commitment_amount', money('commitment_amount'));
    if (commitment_amount !== null && commitment_amount <= 0n)
      refuse('amount-not-positive', 'commitment_amount', textOf('commitment_amount') ?? '', 'is not above 0.00; a commitment is');
    const vintage_year = year('vintage_year');
    const commitment_date = required('commitment_date', date('commitment_date'));
    const [called_amount, distributed_amount, remaining_value] = [
      money('called_amount'),
      money('distributed_amount'),
      money('remaining_value'),
    ];
    if (called_amount !== null && called_amount < 0n)
      refuse('negative-called', 'called_amount', textOf('called_amount') ?? '', 'is negative; called capital is not');
    const [reported_irr, reported_multiple] = [number('reported_irr'), number('reported_multiple')];
    const as_of_date = date('as_of_date');
    const hasFigures = [called_amount, distributed_amount, remaining_value, reported_irr, reported_multiple].some(
      (figure) => figure !== null,
    );
    if (hasFigures) required('as_of_date', as_of_date);
    const others = {
      investor_category: name('investor_category'),
      investor_geography: name('investor_geography'),
      fund_manager: name('fund_manager'),
      investment_strategy: name('investment_strategy'),
      sub_strategy: name('sub_strategy'),
      fund_geography: name('fund_geography'),
      inception_date: date('inception_date'),
    };

    if (
      reasons.length > 0 ||
      investor_name === null ||
      investor_type === null ||
      investor_effective_date === null ||
      fund_name === null ||
      fund_type === null ||
      base_currency === null ||
      commitment_amount === null ||
      commitment_date === null
    ) {
      return { kind: 'rejected', reasons: [...new Map(reasons.map((reason) => [reason.message, reason])).values()] };
    }
    return {
      kind: 'ok',
      position: {
        ...others,
        investor_name,
        investor_type,
        investor_effective_date,
        fund_name,
        fund_type,
        base_currency,
        commitment_amount,
        commitment_date,
        vintage_year,
        called_amount,
        distributed_amount,
        remaining_value,
        reported_irr,
        reported_multiple,
        as_of_date,
        key: mapping.row_key.map(cell),
        assumed,
      },
    };
  };
};
