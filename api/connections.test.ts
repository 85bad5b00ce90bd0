import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { followConnections } from './connections.ts';

test('closing cuts a connection that never asked anything and lets an answer under way finish', async () => {
  const server = createServer((_request, response) => {
    setTimeout(() => {
      response.end('whole');
    }, 200);
  });
  const cutIdle = followConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  silent.on('error', () => undefined);
  const asked = once(server, 'request');
  const answer = fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
  await asked;
  const started = performance.now();
  cutIdle();
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  await once(silent, 'close');
  expect(performance.now() - started).toBeLessThan(150);
  expect(await answer).toBe('whole');
  await closed;
  expect(performance.now() - started).toBeLessThan(2_000);
});
