// What the sink makes of duplicates, crashes, outages, zombies and logs that are not its own.
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pool, PoolClient } from 'pg';
import type { KafkaPort, PartitionReader } from '#platform/kafka/port.ts';
import { createPostgresPool } from '#platform/postgres/pool.ts';
import { topics, topicName } from '#schemas/topics.ts';
import { fundCard, idOf, investorCard } from '#tests/support/cards.ts';
import { appendLedgerEvents } from '#tests/support/life-log.ts';
import { checksumPostgres } from './checksum.ts';
import { liveLedger } from './life.fixture.ts';
import { createSinkFixture, eventually, partitions, type SinkFixture } from './sink.fixture.ts';
import { tellStory } from './story.fixture.ts';
import type { PostgresSink } from './sink.ts';
import { sqlInstant } from './sql-values.ts';

let fixture: SinkFixture;
beforeEach(async () => {
  fixture = await createSinkFixture();
});
afterEach(() => fixture.drop());

/** Every fetch twice, the second time from before the first. */
const deliveringTwice = (kafka: KafkaPort): KafkaPort => ({
  ...kafka,
  reader: (options) => {
    const reader = kafka.reader(options);
    const twice: PartitionReader = {
      poll: async (maxWaitMs) => {
        const fetched = await reader.poll(maxWaitMs);
        return [...fetched, ...fetched];
      },
      seek: (position) => reader.seek(position),
      remove: (partition) => reader.remove(partition),
      close: () => reader.close(),
    };
    return twice;
  },
});

/** Clients whose statements go through `query`, which may cut the connection. */
const withQuery = (
  pool: Pool,
  query: (client: PoolClient, run: () => Promise<unknown>, text: string) => Promise<unknown>,
): Pool => {
  const wrap = (client: PoolClient): PoolClient =>
    new Proxy(client, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        if (property !== 'query') return value.bind(target) as unknown;
        return (statement: string | { readonly text: string }, values?: unknown[]) =>
          query(
            target,
            () => target.query(statement as string, values) as Promise<unknown>,
            typeof statement === 'string' ? statement : statement.text,
          );
      },
    });
  return new Proxy(pool, {
    get: (target, property) => {
      if (property === 'connect') return async () => wrap(await target.connect());
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
};

const cut = (client: PoolClient): void => {
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream.destroy();
};

const failedWith = async (sink: PostgresSink, code: string): Promise<string> => {
  const end = await sink.ended;
  expect(end).toMatchObject({ kind: 'failed', error: { code } });
  expect(sink.health().state).toBe('failed');
  return end.kind === 'failed' ? end.error.message : '';
};

const rowsOf = async (table: string): Promise<number> =>
  Number((await fixture.pool.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count);

describe('the content of the tables', () => {
  it('is the same whatever the batches, the deliveries and the crashes in between', async () => {
    tellStory(fixture.book, { seed: 7, steps: 150 });
    appendLedgerEvents(fixture.book, liveLedger(partitions).events);
    await fixture.publishWithFacts();
    const reference = await fixture.start();
    await fixture.level(reference);
    await reference.stop();
    const expected = await checksumPostgres(fixture.pool);
    expect(expected.filter(({ rows }) => rows === 0).map(({ table }) => table)).toEqual(['investor_banking', 'quality_findings']);

    const again = async (what: string, over: Parameters<SinkFixture['start']>[0]): Promise<void> => {
      await fixture.clear();
      const sink = await fixture.start(over);
      await fixture.level(sink);
      await sink.stop();
      expect({ what, checksums: await checksumPostgres(fixture.pool) }).toEqual({ what, checksums: expected });
    };
    await again('one by one', { batchRowsMax: 1 });
    await again('three by three', { batchRowsMax: 3 });
    await again('every fetch twice', { kafka: deliveringTwice(fixture.kafka), batchRowsMax: 11 });

    // Of every two attempts one is cut: the first before its first statement, the next before its second, and so on.
    let attempts = 0;
    let statement = 0;
    await again('the connection is cut between two statements', {
      batchRowsMax: 8,
      pool: withQuery(fixture.pool, (client, run, text) => {
        if (text.startsWith('BEGIN')) {
          attempts += 1;
          statement = 0;
        }
        statement += 1;
        if (attempts % 2 === 1 && statement === (attempts + 1) / 2) cut(client);
        return run();
      }),
    });
    expect(attempts).toBeGreaterThan(30);

    let commits = 0;
    await again('the answer to every third commit is lost', {
      batchRowsMax: 10,
      pool: withQuery(fixture.pool, async (client, run, text) => {
        const result = await run();
        if (text !== 'COMMIT') return result;
        commits += 1;
        if (commits % 3 !== 0) return result;
        cut(client);
        throw new Error('Connection terminated unexpectedly');
      }),
    });
    expect(commits).toBeGreaterThan(9);
  });

  it('has a term that was dropped and stated again only since its return, also when both fell into one batch', async () => {
    const term = {
      term_id: idOf('fee'),
      term_type: 'FEE_STRUCTURE',
      term_name: 'Fee',
      term_value: '{}',
      effective_date: '2020-01-01',
      expiry_date: null,
    } as const;
    const fund = fundCard('Wavering', { terms: [term] });
    fixture.book.fundCreated(fund);
    await fixture.publish();
    const sink = await fixture.start();
    await fixture.level(sink);
    await sink.stop();
    fixture.book.fundUpdated({ ...fund, terms: [] }, []);
    const back = fixture.book.fundUpdated(fund, []);
    fixture.book.fundUpdated(fund, []);
    await fixture.publish();
    const later = await fixture.start();
    await fixture.level(later);
    const { rows } = await fixture.pool.query('SELECT created_at FROM fund_terms');
    expect(rows).toEqual([{ created_at: sqlInstant(back.value.envelope.recorded_at) }]);
  });

  it('stays the same when the position was set back, as by a restored backup of that table', async () => {
    tellStory(fixture.book, { seed: 3, steps: 60 });
    await fixture.publish();
    const first = await fixture.start();
    await fixture.level(first);
    await first.stop();
    const expected = await checksumPostgres(fixture.pool);
    await fixture.pool.query("UPDATE positions SET next_offset = 2, source_next_offset = 2 WHERE source = 'events'");
    const second = await fixture.start({ batchRowsMax: 7 });
    await fixture.level(second);
    expect(await checksumPostgres(fixture.pool)).toEqual(expected);
  });
});

describe('a commitment whose investor is in another partition', () => {
  it('waits for the investor, holds up no other partition, and is then written', async () => {
    const { book } = fixture;
    const fund = fundCard('Patient');
    const investor = Array.from({ length: 20 }, (_, at) => investorCard(`Elsewhere ${at}`)).find(
      (card) => book.partitionOf(card.investor_id) !== book.partitionOf(fund.fund_id),
    );
    if (investor === undefined) throw new Error('no investor of another partition');
    book.fundCreated(fund);
    book.investorCreated(investor);
    book.investorUpdated({ ...investor, industry: 'Education' }, []);
    const commitment = book.commitmentMade(fund, investor, 500n);
    book.capitalAccount(commitment);
    const records = book.take(fixture.topicPrefix);
    const ofInvestor = records.filter(({ partition }) => partition === book.partitionOf(investor.investor_id));
    const sink = await fixture.start();
    await fixture.send(records.filter((record) => !ofInvestor.includes(record)));
    await eventually('the fund is there', async () => (await rowsOf('funds')) === 1);
    await eventually('the partition waits', () => sink.health().parked.length === 1);
    expect(sink.health().parked).toEqual([
      { partition: book.partitionOf(fund.fund_id), aggregateId: investor.investor_id, eventVersion: 2 },
    ]);
    await fixture.send(ofInvestor.slice(0, 1));
    await eventually('the investor is there', async () => (await rowsOf('investors')) === 1);
    expect(await rowsOf('commitments')).toBe(0);
    expect(await rowsOf('capital_accounts')).toBe(0);
    await fixture.send(ofInvestor.slice(1));
    await fixture.level(sink);
    expect(await rowsOf('commitments')).toBe(1);
    expect(await rowsOf('capital_accounts')).toBe(1);
    expect(sink.health()).toMatchObject({ state: 'ready', parked: [], lag: 0 });
  });
});

describe('the sink stops and writes nothing of the batch', () => {
  it('when Postgres refuses a row that a rule of the ledger should have refused', async () => {
    const fund = fundCard('Strict');
    const investor = investorCard('Nobody');
    fixture.book.fundCreated(fund);
    fixture.book.investorCreated(investor);
    fixture.book.commitmentMade(fund, investor, 0n);
    await fixture.publish();
    const message = await failedWith(await fixture.start(), 'refused');
    expect(message).toContain('check_commitment_amount');
    expect(await rowsOf('commitments')).toBe(0);
  });

  it('when a term is not one JSON document, which might pass for two', async () => {
    fixture.book.fundCreated(
      fundCard('Torn', {
        terms: [
          {
            term_id: idOf('torn'),
            term_type: 'WATERFALL',
            term_name: 'Torn',
            term_value: '{"a":1},{"b":2}',
            effective_date: '2020-01-01',
            expiry_date: null,
          },
        ],
      }),
    );
    await fixture.publish();
    expect(await failedWith(await fixture.start(), 'refused')).toContain(`term_value of term ${idOf('torn')}`);
    expect(await rowsOf('event_store')).toBe(0);
  });

  it('at an event that it cannot decode, after everything before it, and again after a restart', async () => {
    const fund = fundCard('Readable');
    fixture.book.fundCreated(fund);
    await fixture.publish();
    await fixture.send([
      {
        topic: topicName(fixture.topicPrefix, 'events'),
        partition: fixture.book.partitionOf(fund.fund_id),
        key: null,
        value: Buffer.from([0, 0, 0, 99, 99, 1]),
      },
    ]);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const message = await failedWith(await fixture.start(), 'undecodable');
      expect(message).toContain('offset 1');
      expect(message).toContain('schema id 25443');
    }
    expect(await rowsOf('funds')).toBe(1);
  });

  it('at a record of another kind on the topic of facts', async () => {
    const fund = fundCard('Misplaced');
    fixture.book.fundCreated(fund);
    const [record] = fixture.book.take(fixture.topicPrefix);
    if (record === undefined) throw new Error('no record');
    await fixture.send([{ ...record, topic: topicName(fixture.topicPrefix, 'capital-accounts') }]);
    expect(await failedWith(await fixture.start(), 'undecodable')).toContain('stratcap.event.FundCreated does not belong');
  });

  it('when versions of an aggregate have a gap, and when another event stands under a version', async () => {
    const fund = fundCard('Gap');
    fixture.book.fundCreated(fund);
    await fixture.publish();
    const before = await fixture.start();
    await fixture.level(before);
    await before.stop();
    fixture.book.fundUpdated(fund, [], { envelope: { event_version: 3 } });
    await fixture.publish();
    expect(await failedWith(await fixture.start(), 'event-conflict')).toContain('needs version 2, found 1');
    await fixture.pool.query(
      "UPDATE positions SET next_offset = 2, source_next_offset = 2 WHERE source = 'events' AND partition = $1",
      [fixture.book.partitionOf(fund.fund_id)],
    );
    fixture.book.append(
      'FundCreated',
      { aggregate: 'FUND', id: fund.fund_id, key: fund.fund_id },
      { fund },
      { envelope: { event_version: 1 } },
    );
    await fixture.publish();
    expect(await failedWith(await fixture.start(), 'event-conflict')).toContain(`version 1 of ${fund.fund_id}`);
  });
});

describe('a position of another log', () => {
  const written = async (): Promise<void> => {
    fixture.book.fundCreated(fundCard('Here'));
    await fixture.publish();
    const sink = await fixture.start();
    await fixture.level(sink);
    await sink.stop();
  };

  it('stops the sink, which names the rebuild: the topic was made anew', async () => {
    await written();
    const events = topicName(fixture.topicPrefix, 'events');
    await fixture.kafka.admin.deleteTopics([events]);
    await fixture.kafka.admin.ensureTopics([{ name: events, partitions, config: topics.events.config }]);
    const message = await failedWith(await fixture.start(), 'rebuild-needed');
    expect(message).toContain('the log was made anew');
    expect(message).toContain('run stratcap rebuild postgres');
  });

  it('stops the sink: another epoch, or beyond the end, or a broker with another number of partitions', async () => {
    await written();
    expect(await failedWith(await fixture.start({ epoch: 2 }), 'rebuild-needed')).toContain('epoch 1');
    expect(await failedWith(await fixture.start({ partitions: 4 }), 'misconfigured')).toContain('4 are configured');
    await fixture.pool.query(
      "UPDATE positions SET source_next_offset = 99, next_offset = 99 WHERE source = 'events' AND partition = 1",
    );
    expect(await failedWith(await fixture.start(), 'rebuild-needed')).toContain('offset 99');
  });
});

describe('two sinks at once', () => {
  it('write each event once: the zombie finds another position and stops', async () => {
    const both = [await fixture.start(), await fixture.start()];
    await eventually('both are ready', () => both.every((sink) => sink.health().state === 'ready'));
    tellStory(fixture.book, { seed: 5, steps: 30 });
    await fixture.publish();
    const first = await Promise.race(both.map((sink) => sink.ended));
    expect(first).toMatchObject({ kind: 'failed', error: { code: 'fenced' } });
    const survivor = both.find((sink) => sink.health().state === 'ready');
    if (survivor === undefined) throw new Error('no sink is left');
    await fixture.level(survivor);
    expect(await rowsOf('event_store')).toBe([0, 1, 2].reduce((sum, partition) => sum + fixture.book.length(partition), 0));
  });
});

describe('a sink that lost its connection', () => {
  it('stops when another one has taken over meanwhile, although nothing of its own transaction was committed', async () => {
    tellStory(fixture.book, { seed: 12, steps: 40 });
    await fixture.publish();
    let isFirst = true;
    const pool = withQuery(fixture.pool, async (client, run, text) => {
      if (text !== 'COMMIT' || !isFirst) return run();
      isFirst = false;
      cut(client);
      const other = await fixture.start();
      await fixture.level(other);
      await other.stop();
      return run();
    });
    expect(await failedWith(await fixture.start({ pool, batchRowsMax: 3 }), 'fenced')).toContain('while Postgres was away');
  });
});

describe('an outage of Postgres', () => {
  it('makes the sink wait, unready and behind, and catch up by itself when the server is back', async () => {
    const target = new URL(fixture.databaseUrl);
    const sockets = new Set<Socket>();
    const open = (port: number): Promise<Server> =>
      new Promise((resolve) => {
        const server = createServer((inbound) => {
          const outbound = connect(Number(target.port), target.hostname);
          for (const socket of [inbound, outbound]) sockets.add(socket.on('error', () => undefined));
          inbound.pipe(outbound).pipe(inbound);
        });
        server.listen(port, '127.0.0.1', () => resolve(server));
      });
    const close = (server: Server): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
    let server = await open(0);
    const { port } = server.address() as AddressInfo;
    const through = new URL(fixture.databaseUrl);
    through.port = String(port);
    const pool = createPostgresPool({ databaseUrl: through.href, applicationName: 'outage', connectionsMin: 0 });
    const sink = await fixture.start({ pool });
    await eventually('the sink is ready', () => sink.health().state === 'ready');
    await close(server);
    tellStory(fixture.book, { seed: 9, steps: 20 });
    await fixture.publish();
    await eventually('the sink waits', () => sink.health().state === 'waiting');
    expect(sink.health().detail).toMatch(/ECONNREFUSED|terminated/);
    tellStory(fixture.book, { seed: 10, steps: 5, name: 'During ' });
    await fixture.publish();
    const events = [0, 1, 2].reduce((sum, partition) => sum + fixture.book.length(partition), 0);
    await eventually('the lag counts what came during the outage', () => sink.health().lag > events);
    expect(await rowsOf('event_store')).toBe(0);
    server = await open(port);
    await fixture.level(sink);
    expect(sink.health()).toMatchObject({ state: 'ready', lag: 0 });
    await sink.stop();
    await pool.end();
    await close(server);
  });
});
