// What `stratcap send` asks of a file before it calls the intake, and how it passes on what the file says.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Context } from '../context.ts';
import { sendCommand } from './send.ts';

const contextAt = (port: number): Context =>
  ({ config: { http: { host: '127.0.0.1', port }, addresses: { bookingToken: 'token' } } }) as unknown as Context;

test.each([
  ['{', 'The file is not JSON'],
  ['{"fund_id": 1}', 'has no field "type"'],
  ['{"type": "update-fund", "expected_version": {"is": 7}}', 'expected_version is {"is":7}; write the version'],
])('a file that no intake could take is refused with what to write: %s', async (text, message) => {
  const refusal: unknown = await sendCommand(text, contextAt(1)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(CommandFailure);
  expect(refusal).toMatchObject({ message: expect.stringContaining(message), exitCode: exitCodes.usage });
});

test('the expected version goes as a condition, and null means that any version will do', async () => {
  const seen: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const intake = createServer(({ url, headers }, response) => {
    seen.push({ url, headers });
    response.end('{}');
  });
  await new Promise<void>((resolve) => intake.listen(0, '127.0.0.1', resolve));
  const context = contextAt((intake.address() as AddressInfo).port);
  try {
    await sendCommand('{"type": "UpdateFund", "expected_version": 7}', context);
    await sendCommand('{"type": "update-fund", "expected_version": null}', context);
  } finally {
    intake.closeAllConnections();
    intake.close();
  }
  expect(seen.map(({ url }) => url)).toEqual(['/v1/commands/update-fund', '/v1/commands/update-fund']);
  expect(seen.map(({ headers }) => headers['if-match'])).toEqual(['"7"', undefined]);
});
