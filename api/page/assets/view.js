// What the views share: their shape, cards, notes on dates and assumptions, and the accounts table of a fund and of an investor.
import { h } from './dom.js';
import { formatDates, formatMultiple, formatMoney, named, unitText, words } from './format.js';
import { figure, moneyCell, multipleCell, percentCell, table } from './table.js';

/** @typedef {import('./dom.js').Child} Child */
/** @typedef {import('../../capital-accounts/query.ts').AccountRow} AccountRow */
/** @typedef {import('../../capital-accounts/columns.ts').AccountFigures} AccountFigures */
/** @typedef {import('../../findings/columns.ts').Finding} Finding */
/** @typedef {import('../../shapes.ts').Meta} Meta */
/** @typedef {import('./format.js').Scale} Scale */
/** @typedef {import('./live.js').Change} Change */
/**
 * One screen. `load` fetches, `render` draws what was fetched.
 * @typedef {object} View
 * @property {string} key
 * @property {() => string} title
 * @property {(signal: AbortSignal) => Promise<Meta | null>} load
 * @property {() => HTMLElement} render
 * @property {(change: Change) => boolean} concerns Whether a change may alter what is shown.
 * @property {number} [everyMs] Load this often, too, for what changes without a commit.
 * @property {Readonly<Record<string, (element: HTMLElement) => void | 'load' | 'render'>>} actions What a control does, and whether to load or only draw again.
 */

/** Dates of a row; the two ends of a range may stand on two lines. @param {string | null | undefined} earliest @param {string | null | undefined} latest */
export const datesCell = (earliest, latest) =>
  !latest || !earliest || earliest === latest
    ? h('span', { class: 'date' }, latest ?? 'n.a.')
    : [h('span', { class: 'date' }, `${earliest} –`), ' ', h('span', { class: 'date' }, latest)];

/** @param {string} label @param {import('./format.js').Shown} shown @param {Child} [note] @param {string} [hint] */
export const card = (label, shown, note, hint) =>
  h(
    'div',
    { class: 'card', 'data-key': `card-${label}` },
    h('dt', { title: hint }, label),
    h(
      'dd',
      {},
      h('span', { class: 'value', 'data-figure': true }, figure(shown)),
      note ? h('span', { class: 'note' }, note) : null,
    ),
  );

/** @param {...Child} items */
export const cards = (...items) => h('dl', { class: 'cards' }, items);

/** The four sums and the multiples of an account or a total. @param {Pick<AccountFigures, 'committed_amount' | 'called_amount' | 'distributed_amount' | 'remaining_value' | 'pic' | 'dpi' | 'rvpi' | 'tvpi' | 'called_unknown' | 'distributed_unknown' | 'remaining_unknown'>} sums @param {Scale} scale @param {string} currency @param {Child} [over] */
export const sumCards = (sums, scale, currency, over) => {
  const unit = unitText(currency, scale);
  /** A sum says how many of its parts are not known. @param {number} count */
  const without = (count) => (count > 0 ? `${unit} · without ${count} n.a.` : unit);
  return [
    card('Committed', formatMoney(sums.committed_amount, scale), unit),
    card(
      'Called',
      formatMoney(sums.called_amount, scale),
      sums.pic === null ? without(sums.called_unknown) : `${without(sums.called_unknown)} · PIC ${formatMultiple(sums.pic).text}`,
      'Capital called, fees included. PIC: called to committed.',
    ),
    card('Distributed', formatMoney(sums.distributed_amount, scale), without(sums.distributed_unknown)),
    card(
      'NAV',
      formatMoney(sums.remaining_value, scale),
      without(sums.remaining_unknown),
      'Net asset value: remaining value at the last valuation.',
    ),
    card('DPI', formatMultiple(sums.dpi), over, 'Distributed to paid-in.'),
    card(
      'TVPI',
      formatMultiple(sums.tvpi),
      sums.rvpi === null ? null : `RVPI ${formatMultiple(sums.rvpi).text}`,
      'Distributed and remaining value to paid-in.',
    ),
  ];
};

/** Says so when figures run over different dates. @param {string | null | undefined} earliest @param {string | null | undefined} latest */
export const datesNote = (earliest, latest) =>
  earliest && latest && earliest !== latest
    ? h(
        'p',
        { class: 'notice', 'data-key': 'dates' },
        h('strong', {}, 'Totals over different dates. '),
        `The parts are known up to dates from ${earliest} to ${latest}; the totals add them as they are.`,
      )
    : null;

/** @param {readonly string[]} fields */
export const assumedBadge = (fields) =>
  fields.length === 0
    ? null
    : h(
        'span',
        { class: 'badge', title: `Assumed, because the source does not say: ${fields.map(words).join(', ')}` },
        h('span', { class: 'spoken' }, `Assumed: ${fields.map(words).join(', ')}`),
        h('span', { 'aria-hidden': 'true' }, 'assumed'),
      );

const scaleNames = /** @type {const} */ (['units', 'thousands', 'millions']);
/** @param {Scale} scale */
export const scaleSelect = (scale) =>
  h(
    'label',
    { class: 'field' },
    h('span', {}, 'Amounts in'),
    h(
      'select',
      { 'data-action': 'scale' },
      scaleNames.map((name) => h('option', { value: name, selected: name === scale }, name === 'units' ? 'full units' : name)),
    ),
  );

/** The scale that the reader last chose, over all views. */
export const chosenScale = () =>
  /** @type {Scale} */ (scaleNames.find((name) => name === localStorage.getItem('scale')) ?? 'units');
/** @param {HTMLElement} element */
export const chooseScale = (element) => {
  localStorage.setItem('scale', /** @type {HTMLSelectElement} */ (element).value);
  return /** @type {const} */ ('render');
};

/** @param {string} path @param {Child} text */
export const link = (path, text) => h('a', { href: path, 'data-link': true }, text);

/**
 * Capital accounts with a total below. `names` is the column that names the row: the investor in a fund, or the fund of an investor.
 * @param {{ readonly id: string, readonly caption: Child, readonly rows: readonly AccountRow[], readonly names: import('./table.js').Column<AccountRow>[], readonly scale: Scale, readonly keyOf: (row: AccountRow) => string, readonly totals: readonly { readonly key: string, readonly cells: Readonly<Record<string, Child>> }[], readonly sorted: import('./table.js').Sorted }} options
 */
export const accountsTable = ({ id, caption, rows, names, scale, keyOf, totals, sorted }) =>
  table({
    id,
    caption,
    rows: sortRows(rows, sorted),
    keyOf,
    totals,
    sorted,
    empty: 'No commitments yet.',
    columns: [
      ...names,
      {
        name: 'committed_amount',
        label: 'Committed',
        kind: 'figure',
        sortable: true,
        cell: (row) => moneyCell(row.committed_amount, scale),
      },
      {
        name: 'called_amount',
        label: 'Called',
        kind: 'figure',
        sortable: true,
        cell: (row) => moneyCell(row.called_amount, scale, row.called_unknown),
      },
      {
        name: 'distributed_amount',
        label: 'Distributed',
        kind: 'figure',
        sortable: true,
        cell: (row) => moneyCell(row.distributed_amount, scale, row.distributed_unknown),
      },
      {
        name: 'remaining_value',
        label: 'NAV',
        hint: 'Net asset value: remaining value at the last valuation',
        kind: 'figure',
        sortable: true,
        cell: (row) => moneyCell(row.remaining_value, scale, row.remaining_unknown),
      },
      {
        name: 'unfunded_amount',
        label: 'Unfunded',
        hint: 'Committed less called, never below zero',
        kind: 'figure',
        sortable: true,
        cell: (row) => moneyCell(row.unfunded_amount, scale),
      },
      {
        name: 'dpi',
        label: 'DPI',
        hint: 'Distributed to paid-in',
        kind: 'figure',
        sortable: true,
        cell: (row) => multipleCell(row.dpi),
      },
      {
        name: 'tvpi',
        label: 'TVPI',
        hint: 'Distributed and remaining value to paid-in',
        kind: 'figure',
        sortable: true,
        cell: (row) => multipleCell(row.tvpi),
      },
      {
        name: 'reported_multiple',
        label: 'Rep. multiple',
        hint: 'Net multiple as the source publishes it: kept, never used',
        kind: 'figure',
        sortable: true,
        cell: (row) => multipleCell(row.reported_multiple),
      },
      {
        name: 'reported_irr',
        label: 'Rep. IRR',
        hint: 'Net IRR as the source publishes it: kept, never used',
        kind: 'figure',
        sortable: true,
        cell: (row) => percentCell(row.reported_irr),
      },
      {
        name: 'as_of_date',
        label: 'As of',
        kind: 'dates',
        sortable: true,
        cell: (row) => datesCell(row.earliest_as_of_date, row.as_of_date),
      },
    ],
  });

/** Cells of a total row. @param {Pick<AccountFigures, 'committed_amount' | 'called_amount' | 'distributed_amount' | 'remaining_value' | 'unfunded_amount' | 'called_unknown' | 'distributed_unknown' | 'remaining_unknown' | 'dpi' | 'tvpi'> & { readonly as_of_date: string | null, readonly earliest_as_of_date: string | null }} sums @param {Scale} scale @returns {Record<string, Child>} */
export const totalCells = (sums, scale) => ({
  committed_amount: moneyCell(sums.committed_amount, scale),
  called_amount: moneyCell(sums.called_amount, scale, sums.called_unknown),
  distributed_amount: moneyCell(sums.distributed_amount, scale, sums.distributed_unknown),
  remaining_value: moneyCell(sums.remaining_value, scale, sums.remaining_unknown),
  unfunded_amount: moneyCell(sums.unfunded_amount, scale),
  dpi: multipleCell(sums.dpi),
  tvpi: multipleCell(sums.tvpi),
  as_of_date: datesCell(sums.earliest_as_of_date, sums.as_of_date),
});

/** Compares decimal texts without rounding either. @param {string} left @param {string} right */
export const compareDecimals = (left, right) => {
  const [a, b] = [left, right].map((text) => {
    const negative = text.startsWith('-');
    const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
    return (negative ? -1n : 1n) * BigInt(`${whole}${fraction.padEnd(20, '0').slice(0, 20)}`);
  });
  return a === b ? 0 : /** @type {bigint} */ (a) < /** @type {bigint} */ (b) ? -1 : 1;
};

/** Sorts rows that are all here; unknown values last in either direction. @template {object} Row @param {readonly Row[]} rows @param {import('./table.js').Sorted} sorted @returns {readonly Row[]} */
export const sortRows = (rows, sorted) =>
  [...rows].sort((left, right) => {
    const a = /** @type {Record<string, unknown>} */ (left)[sorted.column];
    const b = /** @type {Record<string, unknown>} */ (right)[sorted.column];
    if (a === null || b === null || a === undefined || b === undefined)
      return (a === null || a === undefined ? 1 : 0) - (b === null || b === undefined ? 1 : 0);
    const decimal = /^-?\d+(\.\d+)?$/;
    const order =
      decimal.test(String(a)) && decimal.test(String(b))
        ? compareDecimals(String(a), String(b))
        : String(a).localeCompare(String(b), 'en');
    return sorted.direction === 'asc' ? order : -order;
  });

/** The sorting after a header was chosen: figures start with the largest. @param {import('./table.js').Sorted} sorted @param {string} column @returns {import('./table.js').Sorted} */
export const sortedBy = (sorted, column) => {
  if (sorted.column === column) return { column, direction: sorted.direction === 'asc' ? 'desc' : 'asc' };
  return { column, direction: /name|strategy/.test(column) ? 'asc' : 'desc' };
};

/** Findings of the rules, as a table; ids in their texts are told by the names that are known here. @param {readonly Finding[]} findings @param {readonly import('./format.js').Name[]} names */
export const findingsTable = (findings, names) => {
  const known = new Map(names);
  /** A commitment has no name of its own: it is that of its investor. @param {Finding} row */
  const namesOf = (row) => {
    const investor = known.get(row.investor_id ?? '');
    return row.commitment_id === null || investor === undefined
      ? known
      : new Map([...known, [row.commitment_id, `of ${investor}`]]);
  };
  return table({
    id: 'findings',
    rows: findings,
    keyOf: (row) => `${row.event_id}-${row.finding_number}`,
    empty: 'No findings: every rule agreed.',
    caption: [h('strong', {}, 'Findings'), ` What the rules said when these figures were booked: kept, never corrected.`],
    columns: [
      {
        name: 'severity',
        label: 'Severity',
        kind: 'text',
        cell: (row) => h('span', { class: `badge ${row.severity === 'WARNING' ? 'warning' : ''}` }, row.severity.toLowerCase()),
      },
      {
        name: 'message',
        label: 'Finding',
        kind: 'text',
        header: true,
        cell: (row) => h('span', { class: 'long', title: row.message }, named(row.message, namesOf(row))),
      },
      { name: 'rule', label: 'Rule', kind: 'text', cell: (row) => h('code', {}, row.rule) },
      {
        name: 'recorded_at',
        label: 'Recorded',
        kind: 'text',
        cell: (row) => h('span', { class: 'date' }, `${row.recorded_at.slice(0, 10)} ${row.recorded_at.slice(11, 19)}`),
      },
    ],
  });
};

/** Caption of a table of amounts: title, date and unit. @param {string} title @param {string} currency @param {Scale} scale @param {string | null | undefined} earliest @param {string | null | undefined} latest @param {Child} [more] */
export const amountsCaption = (title, currency, scale, earliest, latest, more) => [
  h('strong', {}, title),
  ` ${unitText(currency, scale)}, as of ${formatDates(earliest, latest)}. Negative amounts in parentheses.`,
  more ? ' ' : null,
  more,
];
