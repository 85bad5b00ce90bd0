// Generated fund lives as the log of one partition: commands through the ledger's processor, for tests of what reads the events.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyCommand, CommandType } from '#domain/messages.ts';
import { openKeyStore } from '#platform/keys/key-store.ts';
import { loadMessageSchemas } from '#schemas/load.ts';
import { loadCodec } from '#schemas/released.ts';
import { generate, type GenerateOptions } from '../../producers/generator/generate.ts';
import { loadCommandForms } from '../../producers/commands/command-form.ts';
import { businessDateCommand } from '../../producers/business-date-commands.ts';
import { ledgerProcessor } from '../../processors/ledger/processor.ts';
import { createTestDriver, type PipedRecord } from '../../processors/runtime/test-driver.ts';

const tenantId = '00000000-0000-4000-8000-000000000001';

export interface GeneratedLog {
  /** Records of the events topic, in order. */
  readonly events: readonly PipedRecord[];
  readonly rejected: number;
}

/** Generates funds and books them on a ledger of one partition. */
export const generatedLog = async (
  options: Pick<GenerateOptions, 'funds' | 'investors' | 'years'> & Partial<GenerateOptions>,
): Promise<GeneratedLog> => {
  const codec = loadCodec();
  const types = [...loadMessageSchemas().values()]
    .filter(({ folder }) => folder === 'commands')
    .map(({ schema }) => String(schema['name']) as CommandType);
  const forms = loadCommandForms();
  const folder = await mkdtemp(join(tmpdir(), 'stratcap-keys-'));
  const keyStore = await openKeyStore({ folder: join(folder, 'keys'), masterKey: '00'.repeat(32) });
  const ledger = createTestDriver(ledgerProcessor({ codec, partitions: 1 }));
  const commands: AnyCommand[] = [];
  const { lines } = generate(
    { seed: '1', today: '2026-06-30', withLargeFund: false, withSurroundings: false, ...options },
    types,
  );
  let issuedAt = Date.UTC(2026, 6, 1) * 1000;
  for (const line of lines()) {
    const { type, command_id: commandId, ...body } = JSON.parse(line) as Record<string, unknown>;
    issuedAt += 1_000_000;
    if (type === 'advance-business-date') {
      commands.push(businessDateCommand(String(body['business_date']), 0, { tenantId, issuedAt }));
      continue;
    }
    const form = forms.get(String(type));
    if (form === undefined) throw new Error(`there is no command ${String(type)}`);
    const read = await form.read(
      body,
      {
        commandId: String(commandId),
        tenantId,
        actor: { user_id: tenantId, user_role: 'test' },
        origin: { channel: 'FILE', ip: null, user_agent: null, session_id: null },
        issuedAt,
        preview: false,
        expectedVersion: null,
      },
      keyStore,
    );
    if (read.kind !== 'ok') throw new Error(`a generated command does not fit its form: ${JSON.stringify(read)} ${line}`);
    commands.push(read.command);
  }
  await rm(folder, { recursive: true, force: true });
  const records = commands.map(({ type, value }) => ({
    topic: 'commands' as const,
    key: 'key',
    value: codec.encode(`stratcap.command.${type}`, value),
  }));
  for (let at = 0; at < records.length; at += 500) ledger.pipeBatch(records.slice(at, at + 500));
  const events = ledger.outputs('events').map(({ key, value }): PipedRecord => ({ topic: 'events', key, value }));
  const rejected = events.filter(
    ({ value }) => value !== null && codec.decode(Buffer.from(value)).type === 'CommandRejected',
  ).length;
  return { events, rejected };
};
