// The line on which the service tells what changed. The browser reconnects by itself and names the last change that it heard.

/** @typedef {{ readonly all: boolean, readonly funds: readonly string[], readonly investors: readonly string[], readonly position: string | null }} Change */
/** @typedef {'connecting' | 'live' | 'lost'} LiveState */

/**
 * Listens for changes until the page goes.
 * @param {{ readonly onChange: (change: Change) => void, readonly onState: (state: LiveState) => void }} handlers
 */
export const listen = (handlers) => {
  /** @type {EventSource | null} */
  let source = null;
  let lostBefore = false;
  const open = () => {
    handlers.onState('connecting');
    source = new EventSource('/v1/live');
    source.addEventListener('hello', () => {
      handlers.onState('live');
      if (lostBefore) handlers.onChange({ all: true, funds: [], investors: [], position: null });
      lostBefore = false;
    });
    source.addEventListener('change', (event) => {
      handlers.onChange(JSON.parse(event.data));
    });
    source.addEventListener('error', () => {
      lostBefore = true;
      handlers.onState('lost');
      // The browser gives up after an answer that is no event stream, such as an error of a proxy; then we try again.
      if (source?.readyState === EventSource.CLOSED) setTimeout(open, 2_000);
    });
  };
  open();
  addEventListener('pagehide', () => source?.close());
  addEventListener('pageshow', (event) => {
    if (event.persisted) open();
  });
};
