// A worker in a process of its own that commits once, then stops in the middle of its second transaction and waits to be killed:
// `node dying-worker.ts BROKERS GROUP TOPIC OUTPUT`, forked. It reports when it stands there.
import { connectKafka } from '../connect.ts';
import type { WorkerListener } from '../port.ts';

const [brokers = '', group = '', topic = '', output = ''] = process.argv.slice(2);

const kafka = await connectKafka({ brokers, clientId: 'dying' });
const worker = kafka.worker({
  group,
  topic,
  workerId: 'dying',
  partitions: 'group',
  sessionTimeoutMs: 30_000,
  transactionTimeoutMs: 60_000,
});
const held = new Set<number>();
const listener: WorkerListener = {
  assigned: (partitions) => {
    for (const partition of partitions) held.add(partition);
  },
  revoked: () => new Promise(() => undefined), // its batch is never done
  lost: () => undefined,
};
await worker.start(listener);
while (held.size < 4) await new Promise((resolve) => setTimeout(resolve, 10));

const commit = (number: number, to: string): Promise<void> => {
  const draft = worker.draft();
  draft.append(to, 0, null, Buffer.from(`${group} dying ${number}`));
  return worker.commit(draft, new Map([0, 1, 2, 3].map((partition) => [partition, BigInt(number)])));
};
await commit(1, output);
// The positions are pending when the records go to a topic that is not there, which is looked for again and again.
commit(2, `${output}.missing`).catch(() => undefined);
setTimeout(() => process.send?.('in the middle'), 500);
