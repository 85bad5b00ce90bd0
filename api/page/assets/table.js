// Accessible tables of figures: a caption that says what, when and in which unit, headers that sort, numbers to the right, totals below a rule.
import { h } from './dom.js';
import { formatMoney, formatMultiple, formatPercent } from './format.js';

/** @typedef {import('./dom.js').Child} Child */
/** @typedef {import('./format.js').Shown} Shown */
/** @typedef {{ readonly column: string, readonly direction: 'asc' | 'desc' }} Sorted */
/**
 * @template Row
 * @typedef {object} Column
 * @property {string} name Field that it shows; the key of sorting.
 * @property {string} label
 * @property {string} [hint] Definition, shown on hover.
 * @property {'text' | 'words' | 'figure' | 'dates'} kind words may wrap, text does not.
 * @property {boolean} [sortable]
 * @property {boolean} [header] The cell names its row.
 * @property {(row: Row) => Child} cell
 */

/** Text that is read aloud in place of what is seen. @param {Shown} shown @returns {Child} */
export const figure = ({ text, spoken }) =>
  spoken === null ? text : [h('span', { 'aria-hidden': 'true' }, text), h('span', { class: 'spoken' }, spoken)];

/** @param {string | null | undefined} amount @param {import('./format.js').Scale} scale @param {number} [unknown] How many parts of the sum are unknown. @returns {Child} */
export const moneyCell = (amount, scale, unknown = 0) => [
  figure(formatMoney(amount, scale)),
  unknown > 0 && amount !== null && amount !== undefined ? partly(unknown) : null,
];
/** @param {number} unknown */
const partly = (unknown) => {
  const told = `without ${unknown} ${unknown === 1 ? 'part' : 'parts'} that ${unknown === 1 ? 'is' : 'are'} not available`;
  return h(
    'span',
    { class: 'partly', title: told },
    h('span', { 'aria-hidden': 'true' }, '+?'),
    h('span', { class: 'spoken' }, ` ${told}`),
  );
};
/** @param {string | null | undefined} multiple @returns {Child} */
export const multipleCell = (multiple) => figure(formatMultiple(multiple));
/** @param {string | null | undefined} rate @returns {Child} */
export const percentCell = (rate) => figure(formatPercent(rate));

/**
 * A table. `totals` are rows below the rule, the last one under a double rule.
 * @template Row
 * @param {object} options
 * @param {string} options.id
 * @param {Child} options.caption
 * @param {readonly Column<Row>[]} options.columns
 * @param {readonly Row[]} options.rows
 * @param {(row: Row) => string} options.keyOf
 * @param {readonly { readonly key: string, readonly cells: Readonly<Record<string, Child>> }[]} [options.totals]
 * @param {Sorted} [options.sorted]
 * @param {string} [options.empty] What to say when there are no rows.
 */
export const table = ({ id, caption, columns, rows, keyOf, totals = [], sorted, empty = 'Nothing here yet.' }) =>
  h(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-labelledby': `${id}-caption`, 'data-key': `${id}-region` },
    h(
      'table',
      { id },
      h('caption', {}, h('div', { id: `${id}-caption`, class: 'caption' }, caption)),
      rows.length === 0 && totals.length === 0
        ? null
        : h(
            'thead',
            {},
            h(
              'tr',
              {},
              columns.map((column) => headerCell(column, sorted)),
            ),
          ),
      h(
        'tbody',
        {},
        rows.length === 0
          ? h('tr', { 'data-key': 'empty' }, h('td', { class: 'empty', colspan: columns.length }, empty))
          : rows.map((row) =>
              h(
                'tr',
                { 'data-key': keyOf(row) },
                columns.map((column) => bodyCell(column, row)),
              ),
            ),
      ),
      totals.length === 0
        ? null
        : h(
            'tfoot',
            {},
            totals.map((total) =>
              h(
                'tr',
                { 'data-key': total.key },
                columns.map((column) => totalCell(column, total.cells[column.name])),
              ),
            ),
          ),
    ),
  );

/** @template Row @param {Column<Row>} column @param {Sorted | undefined} sorted */
const headerCell = (column, sorted) => {
  const active = sorted?.column === column.name;
  const attributes = {
    scope: 'col',
    class: column.kind,
    title: column.hint,
    'aria-sort': active ? (sorted.direction === 'asc' ? 'ascending' : 'descending') : null,
  };
  if (!sorted || !column.sortable) return h('th', attributes, column.label);
  return h(
    'th',
    attributes,
    h(
      'button',
      { type: 'button', class: 'sort', 'data-action': 'sort', 'data-column': column.name },
      column.label,
      h('span', { class: 'arrow', 'aria-hidden': 'true' }, active ? (sorted.direction === 'asc' ? '▲' : '▼') : ''),
    ),
  );
};

/** @template Row @param {Column<Row>} column @param {Row} row */
const bodyCell = (column, row) => {
  const content = column.cell(row);
  if (column.header) return h('th', { scope: 'row', class: column.kind }, content);
  return h('td', { class: column.kind, 'data-figure': column.kind === 'figure' }, content);
};

/** @template Row @param {Column<Row>} column @param {Child} content */
const totalCell = (column, content) =>
  column.header
    ? h('th', { scope: 'row', class: column.kind }, content ?? 'Total')
    : h('td', { class: column.kind, 'data-figure': column.kind === 'figure' }, content ?? null);
