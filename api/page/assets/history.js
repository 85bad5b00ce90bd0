// The events of an aggregate, fetched once the reader opens them.
import { read } from './api.js';
import { h } from './dom.js';
import { table } from './table.js';

/** @typedef {import('../../events/query.ts').EventRow} EventRow */

/** @param {string} aggregateId */
export const historyPart = (aggregateId) => {
  let open = false;
  /** @type {readonly EventRow[]} */
  let events = [];
  return {
    /** @param {AbortSignal} signal */
    load: async (signal) => {
      if (!open) return;
      const reply = /** @type {{ readonly events: readonly EventRow[] }} */ (
        await read(`/v1/aggregates/${encodeURIComponent(aggregateId)}/events?limit=500`, { signal })
      );
      events = reply.events;
    },
    render: () =>
      h(
        'section',
        { 'data-key': 'history' },
        h(
          'button',
          { type: 'button', class: 'button', 'data-action': 'history', 'aria-expanded': String(open) },
          open ? 'Hide the events' : 'Show the events behind it',
        ),
        open
          ? table({
              id: 'events',
              rows: events,
              keyOf: (row) => row.event_id,
              caption: [h('strong', {}, 'Events'), ' From the log, oldest first, each with its link of the hash chain.'],
              columns: [
                { name: 'event_version', label: 'Version', kind: 'figure', cell: (row) => row.event_version },
                { name: 'event_type', label: 'Event', kind: 'text', header: true, cell: (row) => row.event_type },
                {
                  name: 'effective_date',
                  label: 'Effective',
                  kind: 'text',
                  cell: (row) => h('span', { class: 'date' }, row.effective_date),
                },
                {
                  name: 'recorded_at',
                  label: 'Recorded',
                  kind: 'text',
                  cell: (row) => h('span', { class: 'date' }, `${row.recorded_at.slice(0, 10)} ${row.recorded_at.slice(11, 19)}`),
                },
                {
                  name: 'place',
                  label: 'Place',
                  hint: 'Partition and offset',
                  kind: 'figure',
                  cell: (row) => `${row.partition}:${row.log_offset}`,
                },
                {
                  name: 'chain_hash',
                  label: 'Link',
                  kind: 'text',
                  cell: (row) => h('code', { title: row.chain_hash }, row.chain_hash.slice(0, 12)),
                },
              ],
            })
          : null,
      ),
    actions: {
      history: () => {
        open = !open;
        return /** @type {const} */ ('load');
      },
    },
  };
};
