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
    key: 'pipeline', title: () => 'Pipeline', concerns: () => true,
    load: async (signal) => {
      status = /** @type {StatusReply} */ (await read('/v1/status', { signal }));
      return null;
    },
    render: () => h('div', { 'data-key': 'pipeline', class: 'view' },
      h('div', { class: 'head' }, h('h1', {}, 'Pipeline'), h('p', { class: 'sub' }, 'From the log to this page: what is up, and how far behind.')),
      cards(
        card('Lag', { text: status?.lag == null ? 'n.a.' : formatCount(status.lag), spoken: null }, 'records behind the log', 'Records of the log that the store does not contain yet; transaction markers count.'),
        count('Events', status?.counts?.events), count('Commitments', status?.counts?.commitments), count('Funds', status?.counts?.funds),
        count('Rejected', status?.counts?.rejected), count('Findings', status?.counts?.findings)),
      h('section', { class: 'pair' },
        h('div', {}, parts('engines', 'Engines', status?.engines ?? {}, 'No engine was asked.')),
        h('div', {}, parts('roles', 'Roles', status?.roles ?? {}, 'This process is not told how the other roles are. Use: npm run -s stratcap -- status'))),
      table({
        id: 'lag', rows: status?.lag_by_partition ?? [], keyOf: (row) => `${row.source}-${row.partition}`,
        caption: [h('strong', {}, 'Position by source and partition'), ' Offsets of the events topic.'], empty: 'Nothing was booked yet.',
        columns: [
          { name: 'source', label: 'Source', kind: 'text', header: true, cell: (row) => row.source },
          { name: 'partition', label: 'Partition', kind: 'figure', cell: (row) => row.partition },
          { name: 'next_offset', label: 'Contained before', kind: 'figure', cell: (row) => formatCount(row.next_offset) },
          { name: 'end_offset', label: 'End of the log', kind: 'figure', cell: (row) => (row.end_offset === null ? 'n.a.' : formatCount(row.end_offset)) },
          { name: 'behind', label: 'Behind', kind: 'figure', cell: (row) => (row.behind === null ? 'n.a.' : formatCount(row.behind)) },
        ],
      })),
    actions: {},
  };
};

/** @param {string} label @param {number | undefined} value */
const count = (label, value) => card(label, { text: value === undefined ? 'n.a.' : formatCount(value), spoken: null });

/** @param {string} id @param {string} title @param {StatusReply['engines']} states @param {string} empty */
const parts = (id, title, states, empty) => table({
  id, rows: Object.entries(states), keyOf: ([name]) => name, caption: h('strong', {}, title), empty,
  columns: [
    { name: 'name', label: 'Name', kind: 'text', header: true, cell: ([name]) => name },
    { name: 'state', label: 'State', kind: 'text', cell: ([, part]) => h('span', { class: `badge state-${part.state}` }, part.state) },
    { name: 'detail', label: 'Detail', kind: 'text', cell: ([, part]) => h('span', { class: 'long' }, part.detail ?? '') },
  ],
});
