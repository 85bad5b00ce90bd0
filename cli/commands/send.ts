// `stratcap send COMMAND.json`: one command through the HTTP intake, as any other client would send it.
import { randomUUID } from 'node:crypto';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Context } from '../context.ts';

export interface SendResult {
  readonly status: number;
  readonly body: unknown;
}

/** Sends the command of a JSON text: its `type`, optionally `command_id`, `preview`, `expected_version`, and the fields of the command. */
export const sendCommand = async (text: string, context: Context): Promise<SendResult> => {
  let command: Record<string, unknown>;
  try {
    command = JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new CommandFailure(`The file is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, exitCodes.usage, {
      cause,
    });
  }
  const { type, command_id: commandId, preview, expected_version: expectedVersion = null, ...body } = command;
  if (typeof type !== 'string')
    throw new CommandFailure('The file has no field "type"; name the command, for example "make-commitment".', exitCodes.usage);
  if (expectedVersion !== null && typeof expectedVersion !== 'number')
    throw new CommandFailure(
      `expected_version is ${JSON.stringify(expectedVersion)}; write the version that you have seen as a number, or leave it out.`,
      exitCodes.usage,
    );
  const name = type.replace(/(?<!^)(?=[A-Z])/g, '-').toLowerCase();
  const { http, addresses } = context.config;
  const url = new URL(`http://${http.host}:${http.port}/v1/commands/${encodeURIComponent(name)}`);
  if (preview === true) url.searchParams.set('preview', 'true');
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${addresses.bookingToken}`,
        'idempotency-key': typeof commandId === 'string' ? commandId : randomUUID(),
        ...(expectedVersion === null ? {} : { 'if-match': `"${expectedVersion}"` }),
      },
      body: JSON.stringify(body),
    });
  } catch (cause) {
    throw new CommandFailure(
      `The intake at ${url.origin} does not answer; is the stack up (stratcap status)?`,
      exitCodes.unavailable,
      { cause },
    );
  }
  return { status: response.status, body: await response.json().catch(() => null) };
};
