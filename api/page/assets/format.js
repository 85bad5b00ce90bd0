// Figures as text, for eyes and for assistive technology. Money stays decimal text from the API to the screen: Intl formats the text itself, digit by digit.

/** @typedef {{ readonly text: string, readonly spoken: string | null }} Shown What is seen, and what is read aloud when that differs. */

const decimals = new Map();
/** @param {number} digits */
const decimal = (digits) => {
  const known = decimals.get(digits);
  if (known) return known;
  const made = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  decimals.set(digits, made);
  return made;
};

/** Scales for amounts: exponent of ten that is taken out, decimals shown, words for the caption. */
export const scales = /** @type {const} */ ({
  units: { exponent: 0, digits: 2, label: '' },
  thousands: { exponent: 3, digits: 1, label: 'thousands' },
  millions: { exponent: 6, digits: 1, label: 'millions' },
});
/** @typedef {keyof typeof scales} Scale */

/**
 * Decimal text as Intl takes it without a detour over binary numbers; the scale is an exponent in the text.
 * @param {string} text @param {number} exponent
 */
const numeric = (text, exponent) => (/** @type {Intl.StringNumericLiteral} */ (exponent === 0 ? text : `${text}E-${exponent}`));

/**
 * An amount in accounting format without its currency: parentheses for negative, – for zero, n.a. for unknown.
 * @param {string | null | undefined} amount Decimal text. @param {Scale} [scale] @returns {Shown}
 */
export const formatMoney = (amount, scale = 'units') => {
  if (amount === null || amount === undefined) return { text: 'n.a.', spoken: 'not available' };
  const { exponent, digits } = scales[scale];
  const negative = amount.startsWith('-');
  const size = negative ? amount.slice(1) : amount;
  if (/^[0.]*$/.test(size)) return { text: '–', spoken: 'zero' };
  const text = decimal(digits).format(numeric(size, exponent));
  return negative ? { text: `(${text})`, spoken: `minus ${text}` } : { text, spoken: null };
};

/** A multiple: 1.45x. @param {string | null | undefined} multiple @returns {Shown} */
export const formatMultiple = (multiple) => {
  if (multiple === null || multiple === undefined) return { text: 'n.a.', spoken: 'not available' };
  const negative = multiple.startsWith('-');
  const text = `${decimal(2).format(numeric(negative ? multiple.slice(1) : multiple, 0))}x`;
  return negative ? { text: `(${text})`, spoken: `minus ${text}` } : { text, spoken: null };
};

/** A decimal fraction as percent with one decimal. @param {string | null | undefined} rate @returns {Shown} */
export const formatPercent = (rate) => {
  if (rate === null || rate === undefined) return { text: 'n.a.', spoken: 'not available' };
  const negative = rate.startsWith('-');
  const text = `${decimal(1).format(/** @type {Intl.StringNumericLiteral} */ (`${negative ? rate.slice(1) : rate}E2`))}%`;
  return negative ? { text: `(${text})`, spoken: `minus ${text}` } : { text, spoken: null };
};

/** A whole number with grouping. @param {number | string | bigint} count */
export const formatCount = (count) => decimal(0).format(/** @type {Intl.StringNumericLiteral} */ (String(count)));

/** "USD millions" or "USD". @param {string} currency @param {Scale} scale */
export const unitText = (currency, scale) => (scales[scale].label === '' ? currency : `${currency} ${scales[scale].label}`);

/** The dates of figures: one day, or the two ends of a total over different dates. @param {string | null | undefined} earliest @param {string | null | undefined} latest */
export const formatDates = (earliest, latest) => {
  if (!latest) return 'n.a.';
  return earliest && earliest !== latest ? `${earliest} – ${latest}` : latest;
};

/** UTC time of an instant, without its date when it is today. @param {string | null | undefined} instant @param {string} today ISO date. */
export const formatInstant = (instant, today) => {
  if (!instant) return 'n.a.';
  const time = instant.slice(11, 19);
  return instant.startsWith(today) ? `${time} UTC` : `${instant.slice(0, 10)} ${time} UTC`;
};

/** Words of a name in the data: PENSION_PLAN to "pension plan", commitment_date to "commitment date". @param {string} name */
export const words = (name) => name.replaceAll('_', ' ').toLowerCase();

/** @typedef {readonly [id: string, name: string]} Name */
const anyId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A text of a rule for people: ids that are known here are told by their names, the others stay. @param {string} text @param {ReadonlyMap<string, string>} names */
export const named = (text, names) => text.replace(anyId, (id) => names.get(id) || id);
