// The tables can be dropped and come back from the log with the same content.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topicName } from '#schemas/topics.ts';
import { appendLedgerEvents } from '#tests/support/life-log.ts';
import { checksumPostgres } from './checksum.ts';
import { liveLedger } from './life.fixture.ts';
import { rebuildPostgres } from './rebuild.ts';
import { createSinkFixture, partitions, type SinkFixture } from './sink.fixture.ts';
import { tellStory } from './story.fixture.ts';

let fixture: SinkFixture;
beforeAll(async () => {
  fixture = await createSinkFixture();
  tellStory(fixture.book, { seed: 21, steps: 200 });
  appendLedgerEvents(fixture.book, liveLedger(partitions).events);
  await fixture.publishWithFacts();
  const sink = await fixture.start();
  await fixture.level(sink);
  await sink.stop();
});
afterAll(() => fixture.drop());

const objects = async (): Promise<readonly string[]> =>
  (
    await fixture.pool.query<{ name: string }>(`
    SELECT n.nspname || '.' || c.relname || ' ' || c.relkind::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('public', 'stratcap_rebuild')
    UNION ALL SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'stratcap_rebuild')
    UNION ALL SELECT t.tgrelid::regclass || ' ' || t.tgname || ' ' || t.tgfoid::regprocedure FROM pg_trigger t WHERE NOT t.tgisinternal
    ORDER BY 1`)
  ).rows.map(({ name }) => name);

describe('a rebuild', () => {
  it('gives the same content, table by table, and the same tables, indexes, views, functions and triggers', async () => {
    const [before, objectsBefore] = [await checksumPostgres(fixture.pool), await objects()];
    expect(before.find(({ table }) => table === 'commitments')?.rows).toBeGreaterThan(5);
    expect(objectsBefore.filter((name) => name.includes('cash_flows_2020')).length).toBeGreaterThan(3);
    await fixture.pool.query(
      'UPDATE commitments SET commitment_amount = commitment_amount + 0.01 WHERE commitment_id = (SELECT commitment_id FROM commitments LIMIT 1); DELETE FROM audit_trail',
    );
    const damaged = await checksumPostgres(fixture.pool);
    expect(damaged.filter(({ checksum }, at) => checksum !== before[at]?.checksum).map(({ table }) => table)).toEqual([
      'commitments',
      'audit_trail',
    ]);
    const rebuilt = await rebuildPostgres(fixture.deps);
    expect(rebuilt).toEqual(before);
    expect(await checksumPostgres(fixture.pool)).toEqual(before);
    expect(await objects()).toEqual(objectsBefore);
  });

  it('lets the sink go on where the new tables stand, also while it writes', async () => {
    const running = await fixture.start();
    tellStory(fixture.book, { seed: 22, steps: 60, name: 'Later ' });
    const half = fixture.book.take(fixture.topicPrefix);
    await fixture.send(half.slice(0, 40));
    const rebuilding = rebuildPostgres(fixture.deps);
    await fixture.send(half.slice(40));
    await rebuilding;
    await running.stop();
    // What the new tables already hold or do not hold yet makes no difference: fenced or not, a restart is level with the log.
    const restarted = await fixture.start();
    await fixture.level(restarted);
    await restarted.stop();
    const live = await checksumPostgres(fixture.pool);
    expect(await rebuildPostgres(fixture.deps)).toEqual(live);
  });

  it('is what a sink asks for that stands on a log made anew, and then it starts', async () => {
    await fixture.pool.query(
      "UPDATE positions SET topic_id = 'another-topic', source_topic_id = 'another-topic' WHERE source = 'events'",
    );
    const refused = await fixture.start();
    expect(await refused.ended).toMatchObject({ kind: 'failed', error: { code: 'rebuild-needed' } });
    await rebuildPostgres(fixture.deps);
    const sink = await fixture.start();
    await fixture.level(sink);
    expect(sink.health().state).toBe('ready');
    await sink.stop();
  });

  it('leaves the tables in use as they were when it fails, and runs again after a half-made one', async () => {
    const before = await checksumPostgres(fixture.pool);
    const positions = (await fixture.pool.query('SELECT * FROM positions ORDER BY source, partition')).rows;
    await expect(rebuildPostgres({ ...fixture.deps, partitions: 7 })).rejects.toMatchObject({ code: 'misconfigured' });
    expect(await checksumPostgres(fixture.pool)).toEqual(before);
    expect((await fixture.pool.query('SELECT * FROM positions ORDER BY source, partition')).rows).toEqual(positions);
    expect(await rebuildPostgres(fixture.deps)).toEqual(before);
  });

  it('does not run twice at once', async () => {
    const both = await Promise.allSettled([rebuildPostgres(fixture.deps), rebuildPostgres(fixture.deps)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((end) => end.status === 'rejected')?.reason).toMatchObject({
      message: expect.stringContaining('another rebuild') as string,
    });
  });

  it('gives up with a reason when an event waits for one that is not on the log', async () => {
    tellStory(fixture.book, { seed: 30, steps: 30, name: 'Torn ' });
    const records = fixture.book.take(fixture.topicPrefix);
    const lost = records.findIndex(
      ({ topic, value }) =>
        topic === topicName(fixture.topicPrefix, 'events') && fixture.codec.decode(value).type === 'InvestorCreated',
    );
    await fixture.send(records.filter((_record, at) => at !== lost));
    await expect(rebuildPostgres({ ...fixture.deps, stallMsMax: 1_500 })).rejects.toThrow(/waits for version 1 of|needs version/);
  });
});
