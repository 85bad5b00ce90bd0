// Bars by vintage as an SVG text: a pure function, the same in the browser and in a test. The table beside it says the same in numbers.
import { formatCount, formatMoney } from './format.js';

/** @typedef {{ readonly label: string, readonly values: readonly (string | null)[] }} Group One vintage; a value is decimal text or null for unknown. */
/** @typedef {{ readonly name: string, readonly className: string }} Series */

/** Text of an SVG. @param {string} text */
export const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

// Heights only: a bar is a drawing of an amount, so binary numbers are good enough here and nowhere else.
/** @param {string | null} amount */
const height = (amount) => (amount === null ? 0 : Number(amount));

/** The smallest of 1, 2, 4, 6, 8 × 10^n that is not below `value`: its quarters are round, too. @param {number} value */
export const niceCeiling = (value) => {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 6, 8, 10].find((candidate) => candidate * power >= value) ?? 10;
  return step * power;
};

/** An axis label in billions or millions: 2.5bn. @param {number} value */
export const axisLabel = (value) => {
  if (value === 0) return '0';
  const [size, unit] = Math.abs(value) >= 1e9 ? [value / 1e9, 'bn'] : Math.abs(value) >= 1e6 ? [value / 1e6, 'm'] : [value, ''];
  return `${Number(size.toFixed(2))}${unit}`;
};

/**
 * Grouped bars from an axis at zero.
 * @param {{ readonly title: string, readonly description: string, readonly groups: readonly Group[], readonly series: readonly Series[], readonly width?: number, readonly height?: number }} options
 * @returns {string}
 */
export const barChart = ({ title, description, groups, series, width = 1180, height: total = 168 }) => {
  const left = 52;
  const bottom = 22;
  const top = 8;
  const plotHeight = total - top - bottom;
  const all = groups.flatMap((group) => group.values.map(height));
  const ceiling = niceCeiling(Math.max(0, ...all));
  const floor = Math.min(0, ...all) < 0 ? -niceCeiling(-Math.min(0, ...all)) : 0;
  /** @param {number} value */
  const y = (value) => top + plotHeight * (1 - (value - floor) / (ceiling - floor));
  const slot = (width - left) / Math.max(1, groups.length);
  const bar = Math.max(1, Math.min(14, (slot * 0.78) / Math.max(1, series.length)));
  /** @param {number} number */
  const px = (number) => number.toFixed(1);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => floor + (ceiling - floor) * part);
  const labelEvery = Math.max(1, Math.ceil(34 / slot));
  const bars = groups
    .map((group, place) => {
      const start = left + slot * place + (slot - bar * series.length) / 2;
      const rects = group.values
        .map((amount, index) => {
          const value = height(amount);
          const from = y(Math.max(0, value));
          return amount === null
            ? ''
            : `<rect class="${series[index]?.className ?? ''}" x="${px(start + bar * index)}" y="${px(from)}" width="${px(Math.max(0.8, bar - 0.8))}" height="${px(Math.max(0, y(Math.min(0, value)) - from))}"/>`;
        })
        .join('');
      const told = series
        .map((one, index) => `${one.name} ${formatMoney(group.values[index] ?? null, 'millions').text}`)
        .join(', ');
      const label =
        place % labelEvery === 0
          ? `<text class="axis" x="${px(left + slot * (place + 0.5))}" y="${total - 6}" text-anchor="middle">${escape(group.label)}</text>`
          : '';
      return `<g><title>${escape(`${group.label}: ${told} (millions)`)}</title><rect class="hit" x="${px(left + slot * place)}" y="${top}" width="${px(slot)}" height="${px(plotHeight)}"/>${rects}</g>${label}`;
    })
    .join('');
  const lines = ticks
    .map(
      (value) =>
        `<line class="grid" x1="${left}" x2="${width}" y1="${px(y(value))}" y2="${px(y(value))}"/><text class="axis" x="${left - 6}" y="${px(y(value) + 4)}" text-anchor="end">${axisLabel(value)}</text>`,
    )
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 ${width} ${total}" aria-label="${escape(`${title}. ${description}`)}"><title>${escape(title)}</title><desc>${escape(description)}</desc>${lines}${bars}<line class="zero" x1="${left}" x2="${width}" y1="${px(y(0))}" y2="${px(y(0))}"/></svg>`;
};

/** One sentence that a chart by vintage shows, for its title. @param {readonly Group[]} groups @param {string} currency */
export const findingOf = (groups, currency) => {
  const largest = groups.reduce(
    (/** @type {Group | null} */ best, group) =>
      best === null || height(group.values[0] ?? null) > height(best.values[0] ?? null) ? group : best,
    null,
  );
  if (largest === null) return 'No commitments yet';
  return `${largest.label} is the largest of ${formatCount(groups.length)} vintages: ${currency} ${formatMoney(largest.values[0] ?? null, 'millions').text} million committed`;
};
