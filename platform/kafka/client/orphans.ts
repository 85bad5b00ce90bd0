// Orphans: transactions that members left open which the group has thrown out. They would hold back their partitions until they
// time out; initialising their transactional ids ends them at once.
import { groupMembersRequest } from '../wire/consumer-group.ts';
import { listTransactionsRequest } from '../wire/transactions.ts';
import type { Cluster } from './cluster.ts';
import { CODE, ProtocolError } from './errors.ts';
import { initProducerId } from './transaction.ts';

const quoted = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

const openTransactions = async (cluster: Cluster, group: string): Promise<ReadonlySet<string>> => {
  const found = await Promise.all(
    cluster.brokerIds.map(async (broker) => {
      try {
        const answer = await cluster.send(broker, 'control', listTransactionsRequest(`${quoted(group)}~.*`));
        return answer.errorCode === 0 ? answer.transactionalIds : [];
      } catch {
        return []; // a broker that is away: its coordinators move, the next look finds them
      }
    }),
  );
  return new Set(found.flat());
};

/**
 * Ends the open transactions of all ids `<group>~…` that are no members of the group and not `self`; tells which.
 * The members are read after the transactions: whoever opened one as a member and still is one is left alone.
 * @throws ProtocolError | ConnectionLost when the group cannot be described, KafkaError when an id cannot be initialised.
 */
export const fenceOrphans = async (
  cluster: Cluster,
  { group, self, transactionTimeoutMs }: { readonly group: string; readonly self: string; readonly transactionTimeoutMs: number },
): Promise<readonly string[]> => {
  const open = await openTransactions(cluster, group);
  if (open.size === 0 || (open.size === 1 && open.has(self))) return [];
  const { errorCode, memberIds } = await cluster.send(
    await cluster.coordinator('group', group),
    'group',
    groupMembersRequest(group),
  );
  if (errorCode !== 0 && errorCode !== CODE.GROUP_ID_NOT_FOUND) throw new ProtocolError(errorCode);
  const members = new Set(memberIds);
  const orphans = [...open].filter((id) => id !== self && !members.has(id));
  await Promise.all(orphans.map((transactionalId) => initProducerId(cluster, { transactionalId, transactionTimeoutMs })));
  return orphans;
};
