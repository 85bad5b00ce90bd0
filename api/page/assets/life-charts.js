// Pictures of a fund's life as SVG texts, pure functions: its J-curve, and the waterfall of a distribution. Tables beside them say the same.
import { axisLabel, escape, niceCeiling } from './chart.js';
import { formatMoney } from './format.js';

/** @typedef {import('../../performance/query.ts').QuarterRow} QuarterRow */
/** @typedef {{ readonly label: string, readonly lp: string, readonly gp: string }} Tier */

// Heights and lengths only: binary numbers are good enough for a drawing and nowhere else.
/** @param {string | null} amount */
const size = (amount) => (amount === null ? 0 : Number(amount));
/** @param {number} number */
const px = (number) => number.toFixed(1);
/** @param {string | null} amount */
const told = (amount) => formatMoney(amount, 'millions').text;

/** Round limits and the lines between them, at most six. @param {number} low @param {number} high */
const scaleOf = (low, high) => {
  const step = niceCeiling(Math.max(high - low, 1) / 5);
  const floor = Math.floor(low / step) * step;
  const ceiling = Math.max(Math.ceil(high / step) * step, floor + step);
  const ticks = Array.from({ length: Math.round((ceiling - floor) / step) + 1 }, (_unused, place) => floor + place * step);
  return { floor, ceiling, ticks };
};

/**
 * Bars of the cumulative net flow, which fall while capital is called and rise as it comes back, and the net asset value as a line.
 * @param {{ readonly quarters: readonly QuarterRow[], readonly title: string, readonly description: string, readonly width: number, readonly height: number }} options
 */
export const jCurve = ({ quarters, title, description, width, height }) => {
  const [left, bottom, top] = [50, 22, 8];
  const values = quarters.flatMap((quarter) => [size(quarter.cumulative_net_flow), size(quarter.nav)]);
  const { floor, ceiling, ticks } = scaleOf(Math.min(0, ...values), Math.max(0, ...values));
  const plot = height - top - bottom;
  /** @param {number} value */
  const y = (value) => top + plot * (1 - (value - floor) / (ceiling - floor));
  const slot = (width - left) / Math.max(1, quarters.length);
  const bar = Math.max(1.5, slot * 0.62);
  const years = new Set(quarters.map((quarter) => quarter.quarter_end.slice(0, 4))).size;
  const everyYears = Math.max(1, Math.ceil((years * 38) / (width - left)));
  /** @param {number} place */
  const middle = (place) => left + slot * (place + 0.5);
  const grid = ticks
    .map(
      (tick) =>
        `<line class="grid" x1="${left}" x2="${width}" y1="${px(y(tick))}" y2="${px(y(tick))}"/><text class="axis" x="${left - 6}" y="${px(y(tick) + 4)}" text-anchor="end">${axisLabel(tick)}</text>`,
    )
    .join('');
  const bars = quarters
    .map((quarter, place) => {
      const value = size(quarter.cumulative_net_flow);
      const from = y(Math.max(0, value));
      const words = `${quarter.quarter_end}: net flow ${told(quarter.cumulative_net_flow)}, NAV ${told(quarter.nav)}, together ${told(quarter.net_value)} (millions)`;
      const year = quarter.quarter_end.slice(0, 4);
      const isFirst = place === 0 || quarters[place - 1]?.quarter_end.slice(0, 4) !== year;
      const label =
        isFirst && (Number(year) - Number(quarters[0]?.quarter_end.slice(0, 4))) % everyYears === 0
          ? `<text class="axis" x="${px(middle(place))}" y="${height - 6}" text-anchor="middle">${year}</text>`
          : '';
      return `<g><title>${escape(words)}</title><rect class="hit" x="${px(left + slot * place)}" y="${top}" width="${px(slot)}" height="${px(plot)}"/><rect class="bar-2" x="${px(middle(place) - bar / 2)}" y="${px(from)}" width="${px(bar)}" height="${px(Math.max(0.8, y(Math.min(0, value)) - from))}"/></g>${label}`;
    })
    .join('');
  const line = quarters
    .flatMap((quarter, place) => (quarter.nav === null ? [] : [`${px(middle(place))},${px(y(size(quarter.nav)))}`]))
    .join(' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 ${width} ${height}" aria-label="${escape(`${title}. ${description}`)}"><title>${escape(title)}</title><desc>${escape(description)}</desc>${grid}${bars}<line class="zero" x1="${left}" x2="${width}" y1="${px(y(0))}" y2="${px(y(0))}"/><polyline class="line" points="${line}"/></svg>`;
};

/**
 * The tiers of a distribution from top to bottom, each beginning where the one before it ended: how the amount ran down, and who got it.
 * @param {{ readonly tiers: readonly Tier[], readonly title: string, readonly description: string, readonly width: number }} options
 */
export const waterfallPicture = ({ tiers, title, description, width }) => {
  const row = 46;
  const height = tiers.length * row + 6;
  const total = Math.max(
    1,
    tiers.reduce((sum, tier) => sum + size(tier.lp) + size(tier.gp), 0),
  );
  let reached = 0;
  const rows = tiers
    .map((tier, place) => {
      const top = place * row + 4;
      const [lp, gp] = [size(tier.lp), size(tier.gp)];
      const start = (reached / total) * width;
      reached += lp + gp;
      const end = (reached / total) * width;
      const border = start + (lp / total) * width;
      const words = `${tier.label}: limited partners ${formatMoney(tier.lp).text}, general partner ${formatMoney(tier.gp).text}`;
      const amounts = [lp === 0 ? '' : `LP ${formatMoney(tier.lp).text}`, gp === 0 ? '' : `GP ${formatMoney(tier.gp).text}`];
      const next =
        place + 1 < tiers.length
          ? `<line class="grid" x1="${px(end)}" x2="${px(end)}" y1="${top + 18}" y2="${top + row + 36}"/>`
          : '';
      return `<g><title>${escape(words)}</title><rect class="track" x="0" y="${top + 18}" width="${width}" height="18" rx="2"/>${next}<rect class="bar-2" x="${px(start)}" y="${top + 18}" width="${px(Math.max(0, border - start))}" height="18"/><rect class="bar-4" x="${px(border)}" y="${top + 18}" width="${px(Math.max(0, end - border))}" height="18"/><text class="axis name" x="0" y="${top + 12}">${escape(tier.label)}</text><text class="axis" x="${width}" y="${top + 12}" text-anchor="end">${escape(amounts.filter(Boolean).join(' · ') || '–')}</text></g>`;
    })
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 ${width} ${height}" aria-label="${escape(`${title}. ${description}`)}"><title>${escape(title)}</title><desc>${escape(description)}</desc>${rows}</svg>`;
};
