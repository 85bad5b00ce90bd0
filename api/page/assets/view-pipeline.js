// Health of the pipeline: engines, roles, how far the store is behind the log, and what is in it.
import { read } from './api.js';
import { h } from './dom.js';
import { formatCount } from './format.js';
import { table } from './table.js';
import { card, cards } from './view.js';

/** @typedef {import('../../health/status.ts').StatusReply} StatusReply */

/** @returns {import('./view.js').View} */
export const pipelineView = () => {
  /** @type {StatusReply | null} */
  let status = null;
  return {
    key: 'pipeline',
    title: () => 'Pipeline',
    concerns: () => true,
    load: async (signal) => {
      status = /** @type {StatusReply} */ (await read('/v1/status', { signal }));
      return {
        position: status.position,
        offsets: status.offsets,
        known_at: status.known_at,
        as_of_date: null,
        earliest_as_of_date: null,
      };
    },
    everyMs: 2_000,
    render: () =>
      h(
        'div',
        { 'data-key': 'pipeline', class: 'view' },
        h(
          'div',
          { class: 'head' },
          h('h1', {}, 'Pipeline'),
          h('p', { class: 'sub' }, 'From the log to this page: what is up, and how far behind.'),
        ),
        cards(
          card(
            'Lag',
            { text: status === null || status.lag === null ? 'n.a.' : formatCount(status.lag), spoken: null },
            'records behind the log',
            'Records of the log that the store does not contain yet; transaction markers count.',
          ),
          count('Events', status?.counts?.events),
          count('Commitments', status?.counts?.commitments),
          count('Funds', status?.counts?.funds),
          count('Rejected', status?.counts?.rejected),
          count('Findings', status?.counts?.findings),
          lettersCard(status?.dead_letters ?? null),
        ),
        h(
          'section',
          { class: 'pair' },
          h('div', {}, parts('engines', 'Engines', status?.engines ?? {}, 'No engine was asked.')),
          h(
            'div',
            {},
            parts(
              'roles',
              'Roles',
              status?.roles ?? {},
              'This process is not told how the other roles are. Use: npm run -s stratcap -- status',
              [
                {
                  name: 'lag',
                  label: 'Lag',
                  hint: 'Records that it has not taken yet, and the age of the oldest',
                  kind: 'figure',
                  cell: ([name]) => lagCell(status?.role_lags.find(({ role }) => role === name)),
                },
              ],
            ),
          ),
        ),
        table({
          id: 'lag',
          rows: byPartition(status?.lag_by_partition ?? []),
          keyOf: (row) => String(row.partition),
          caption: [
            h('strong', {}, 'Position by partition'),
            ' Offsets of the events topic: everything before them is in the figures.',
          ],
          empty: 'Nothing was booked yet.',
          columns: [
            { name: 'partition', label: 'Partition', kind: 'text', header: true, cell: (row) => row.partition },
            {
              name: 'events',
              label: 'Events before',
              hint: 'Funds, investors, commitments, audit',
              kind: 'figure',
              cell: (row) => offset(row.events),
            },
            {
              name: 'facts',
              label: 'Capital accounts before',
              hint: 'What the capital-accounts processor made of them',
              kind: 'figure',
              cell: (row) => offset(row.facts),
            },
            { name: 'end', label: 'End of the log', kind: 'figure', cell: (row) => offset(row.end) },
            { name: 'behind', label: 'Behind', kind: 'figure', cell: (row) => offset(row.behind) },
          ],
        }),
      ),
    actions: {},
  };
};

/** @typedef {{ readonly partition: number, readonly events: string | null, readonly facts: string | null, readonly end: string | null, readonly behind: string | null }} PartitionRow */
/** Both sources of a partition in one row; behind is the slower one. @param {StatusReply['lag_by_partition']} parts @returns {readonly PartitionRow[]} */
const byPartition = (parts) =>
  [...new Set(parts.map((part) => part.partition))]
    .sort((left, right) => left - right)
    .map((partition) => {
      const [events, facts] = ['events', 'capital-accounts'].map((source) =>
        parts.find((part) => part.partition === partition && part.source === source),
      );
      const behind = [events?.behind, facts?.behind].filter((one) => typeof one === 'string').map(BigInt);
      return {
        partition,
        events: events?.next_offset ?? null,
        facts: facts?.next_offset ?? null,
        end: events?.end_offset ?? null,
        behind: behind.length === 0 ? null : String(behind.reduce((most, one) => (one > most ? one : most))),
      };
    });
/** @param {string | null} value */
const offset = (value) => (value === null ? 'n.a.' : formatCount(value));

/** @param {string} label @param {number | undefined} value */
const count = (label, value) => card(label, { text: value === undefined ? 'n.a.' : formatCount(value), spoken: null });

/** What waits for a decision; since when. @param {StatusReply['dead_letters']} letters */
const lettersCard = (letters) =>
  card(
    'Dead letters',
    { text: letters === null ? 'n.a.' : formatCount(letters.open), spoken: null },
    letters === null
      ? 'the log does not answer'
      : letters.since
        ? `since ${letters.since.slice(0, 16).replace('T', ' ')}`
        : 'none open',
    'What could not be processed and waits for a decision: npm run -s stratcap -- dlq list',
  );

/** @param {StatusReply['role_lags'][number] | undefined} lag */
const lagCell = (lag) => {
  if (lag === undefined) return '';
  if (lag.lag === null) return h('span', { title: lag.unknown }, 'n.a.');
  const age = lag.seconds_behind !== null && lag.seconds_behind >= 1 ? ` (${Math.round(lag.seconds_behind)} s)` : '';
  return `${formatCount(lag.lag)}${age}`;
};

/** @typedef {import('./table.js').Column<[string, StatusReply['engines'][string]]>} PartColumn */
/** @param {string} id @param {string} title @param {StatusReply['engines']} states @param {string} empty @param {readonly PartColumn[]} [more] */
const parts = (id, title, states, empty, more = []) =>
  table({
    id,
    rows: Object.entries(states),
    keyOf: ([name]) => name,
    caption: h('strong', {}, title),
    empty,
    columns: [
      { name: 'name', label: 'Name', kind: 'text', header: true, cell: ([name]) => name },
      {
        name: 'state',
        label: 'State',
        kind: 'text',
        cell: ([, part]) => h('span', { class: `badge state-${part.state}` }, part.state),
      },
      ...more,
      { name: 'detail', label: 'Detail', kind: 'text', cell: ([, part]) => h('span', { class: 'long' }, part.detail ?? '') },
    ],
  });
