// The faults and the order in which a seed deals them: like cards, so that every kind comes about as often as its weight says.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaPort } from '#platform/kafka/port.ts';
import type { Random } from '#tests/oracle/random.ts';
import type { ChaosEngines } from './engines.ts';
import type { Fixture } from './fixture.ts';
import type { Product } from './product.ts';
import type { Side } from './proxy.ts';
import type { Slot } from './slot.ts';

/** Everything that a fault may touch. */
export interface Arena {
  readonly random: Random;
  readonly kafka: KafkaPort;
  readonly fixture: Fixture;
  /** The product's own processes, where they run. */
  readonly product: Product | null;
  readonly engines: ChaosEngines;
  /** How long each SIGTERM took. */
  readonly leaves: number[];
}

/** A fault ends when all is as before, restarts included. @returns false when nothing could be done, which is not counted. */
interface Fault {
  readonly weight: number;
  readonly needs: 'fixture' | 'roles';
  run(arena: Arena): Promise<boolean>;
}

/** Requests of a transaction (API keys): where a process may die or freeze. */
const STEPS = { produce: 0, endTransaction: 26, offsets: 28, heartbeat: 68, committed: 9, initProducer: 22 } as const;
/** Session of a member: whoever is silent for longer is thrown out. */
const SESSION_MS = 6_000;

const free = (slots: readonly Slot[], random: Random, atLeast = 1): Slot | null => {
  const candidates = slots.filter(({ isBusy, isRunning }) => !isBusy && isRunning);
  return candidates.length < atLeast ? null : random.pick(candidates);
};
/** One worker is left alone at a time, or little would pass; a broker that is away stops all of them together. */
const onWorker =
  (act: (slot: Slot, arena: Arena) => Promise<boolean | void>): Fault['run'] =>
  async (arena) => {
    const slot = free(arena.fixture.workers, arena.random, arena.fixture.workers.length > 1 ? 2 : 1);
    return slot !== null && (await act(slot, arena)) !== false;
  };
const onRole =
  (prefix: string, act: (slot: Slot, arena: Arena) => Promise<boolean | void>): Fault['run'] =>
  async (arena) => {
    const slot = free(
      (arena.product?.roles ?? []).filter(({ name }) => name.startsWith(prefix)),
      arena.random,
    );
    return slot !== null && (await act(slot, arena)) !== false;
  };
const side = ({ random }: Arena): Side => (random.chance(0.5) ? 'request' : 'answer');
const commitStep = ({ random }: Arena): number => random.pick([STEPS.produce, STEPS.endTransaction, STEPS.offsets]);
const soon = ({ random }: Arena): number => random.whole(0, 1_200);

const storm: Fault['run'] = async ({ fixture, random }) => {
  const guests = fixture.guests.filter(({ isBusy, isRunning }) => !isBusy && !isRunning);
  if (guests.length === 0) return false;
  for (let round = 0; round < 4; round += 1) {
    for (const guest of guests) guest.start();
    await sleep(random.whole(900, 2_500));
    for (const guest of guests) await (random.chance(0.5) ? guest.kill(0) : guest.leave(0));
    await sleep(random.whole(0, 800));
  }
  return true;
};

export const faults = {
  'worker-kill': { weight: 5, needs: 'fixture', run: onWorker((slot, arena) => slot.kill(soon(arena))) },
  'worker-kill-at-step': {
    weight: 8,
    needs: 'fixture',
    run: onWorker((slot, arena) => slot.killAt(side(arena), commitStep(arena), 5_000, soon(arena))),
  },
  'worker-kill-in-hand-over': {
    weight: 2,
    needs: 'fixture',
    run: onWorker((slot, arena) =>
      slot.killAt(side(arena), arena.random.pick([STEPS.committed, STEPS.initProducer, STEPS.heartbeat]), 5_000, soon(arena)),
    ),
  },
  'worker-gone-past-session': { weight: 1, needs: 'fixture', run: onWorker((slot) => slot.kill(SESSION_MS + 1_500)) },
  'worker-freeze': { weight: 3, needs: 'fixture', run: onWorker((slot, { random }) => slot.freeze(random.whole(200, 3_000))) },
  'worker-freeze-past-session': {
    weight: 3,
    needs: 'fixture',
    run: onWorker((slot, { random }) => slot.freeze(SESSION_MS + random.whole(500, 3_000))),
  },
  'worker-freeze-at-step': {
    weight: 5,
    needs: 'fixture',
    run: onWorker((slot, arena) =>
      slot.freezeAt(side(arena), commitStep(arena), 5_000, arena.random.chance(0.6) ? SESSION_MS + 2_500 : soon(arena)),
    ),
  },
  'worker-leave': {
    weight: 3,
    needs: 'fixture',
    run: onWorker(async (slot, arena) => {
      arena.leaves.push(await slot.leave(soon(arena)));
    }),
  },
  'worker-evicted': {
    weight: 2,
    needs: 'fixture',
    run: onWorker(async (slot, { kafka, fixture, random }) => {
      const group = `${fixture.topicPrefix}${random.pick(['ledger', 'balances'])}`;
      await kafka.admin.evict(group, slot.name.slice('worker-'.length));
    }),
  },
  'rebalance-storm': { weight: 1, needs: 'fixture', run: storm },
  'answer-of-commit-lost': {
    weight: 4,
    needs: 'fixture',
    run: onWorker((slot) => slot.lose('answer', STEPS.endTransaction, 5_000)),
  },
  'any-frame-lost': {
    weight: 4,
    needs: 'fixture',
    run: onWorker((slot, arena) => slot.lose(side(arena), arena.random.pick(Object.values(STEPS)), 5_000)),
  },
  'connections-cut': { weight: 3, needs: 'fixture', run: onWorker((slot) => Promise.resolve(slot.cut())) },
  'network-slow': {
    weight: 2,
    needs: 'fixture',
    run: onWorker((slot, { random }) => slot.delay(random.whole(30, 700), random.whole(1_000, 4_000))),
  },
  'poisoned-records': {
    weight: 4,
    needs: 'fixture',
    run: async ({ fixture, product }) => {
      await Promise.all([fixture.poison(), product?.poison()]);
      return true;
    },
  },
  'aborted-transactions': {
    weight: 3,
    needs: 'fixture',
    // A broker that dies meanwhile ends it; its transactions then time out, which aborts them as well.
    run: ({ fixture }) =>
      fixture.abortGhosts().then(
        () => true,
        () => true,
      ),
  },
  'broker-kill': {
    weight: 1,
    needs: 'fixture',
    run: ({ engines, random }) => engines.killBroker(random.whole(0, engines.brokerCount - 1)),
  },
  'broker-freeze': {
    weight: 2,
    needs: 'fixture',
    run: ({ engines, random }) => engines.freezeBroker(random.whole(0, engines.brokerCount - 1), random.whole(300, 4_500)),
  },
  'ledger-kill': { weight: 3, needs: 'roles', run: onRole('ledger', (slot, arena) => slot.kill(soon(arena))) },
  'ledger-kill-at-step': {
    weight: 3,
    needs: 'roles',
    run: onRole('ledger', (slot, arena) => slot.killAt(side(arena), commitStep(arena), 8_000, soon(arena))),
  },
  'capital-accounts-kill': {
    weight: 2,
    needs: 'roles',
    run: onRole('capital-accounts', (slot, arena) => slot.kill(soon(arena))),
  },
  'accounting-kill': { weight: 2, needs: 'roles', run: onRole('accounting', (slot, arena) => slot.kill(soon(arena))) },
  'role-freeze': { weight: 3, needs: 'roles', run: onRole('', (slot, { random }) => slot.freeze(random.whole(300, 9_000))) },
  'role-leave': {
    weight: 3,
    needs: 'roles',
    run: onRole('', async (slot, arena) => {
      arena.leaves.push(await slot.leave(soon(arena)));
    }),
  },
  'role-connections-cut': { weight: 3, needs: 'roles', run: onRole('', (slot) => Promise.resolve(slot.cut())) },
  'sink-postgres-kill': { weight: 3, needs: 'roles', run: onRole('sink-postgres', (slot, arena) => slot.kill(soon(arena))) },
  'sink-clickhouse-kill': { weight: 3, needs: 'roles', run: onRole('sink-clickhouse', (slot, arena) => slot.kill(soon(arena))) },
  'sink-loses-its-store': {
    weight: 4,
    needs: 'roles',
    run: onRole('sink', (slot) => Promise.resolve(slot.cut('plain'))),
  },
  'postgres-kill': { weight: 2, needs: 'roles', run: ({ engines }) => Promise.resolve(engines.killStore('postgres')) },
  'clickhouse-kill': { weight: 2, needs: 'roles', run: ({ engines }) => Promise.resolve(engines.killStore('clickhouse')) },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

/** Deals the names of faults without end: every round has each as often as its weight says, in an order of the seed's. */
export const dealFaults = function* (
  random: Random,
  { hasRoles, hasBroker }: { readonly hasRoles: boolean; readonly hasBroker: boolean },
): Generator<FaultName, never> {
  const names = (Object.keys(faults) as FaultName[]).filter(
    (name) => (hasRoles || faults[name].needs === 'fixture') && (hasBroker || !name.startsWith('broker')),
  );
  for (;;) {
    // Each kind once at first, so that a short run meets all of them.
    const round = names.flatMap((name) =>
      Array.from({ length: faults[name].weight }, (_, copy) => ({ name, at: copy + random.whole(0, 1_000_000) / 1_000_001 })),
    );
    for (const { name } of round.toSorted((left, right) => left.at - right.at)) yield name;
  }
};
