// The life of a fund in the operational model: tables against the states of the ledger, facts of the real processors, and the same
// content from every way to cut the log.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendLedgerEvents, createFactTeller } from '#tests/support/life-log.ts';
import type { TestLedger } from '#tests/support/ledger.ts';
import { liveLedger } from './life.fixture.ts';
import { createSinkFixture, partitions, type SinkFixture } from './sink.fixture.ts';

let fixture: SinkFixture;
let ledger: TestLedger;

beforeAll(async () => {
  fixture = await createSinkFixture();
  ledger = liveLedger(partitions);
  appendLedgerEvents(fixture.book, ledger.events);
  const events = fixture.book.take(fixture.topicPrefix);
  const { codec, topicPrefix } = fixture;
  await fixture.send(events);
  await fixture.send(createFactTeller({ codec, partitions, topicPrefix }).tell(events));
  const sink = await fixture.start();
  await fixture.level(sink);
});
afterAll(() => fixture.drop());

describe('the life of a fund', () => {
  it('is there', async () => {
    expect((await fixture.pool.query('SELECT * FROM capital_calls')).rows).toHaveLength(3);
  });
});
