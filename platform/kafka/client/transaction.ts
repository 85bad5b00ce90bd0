// The steps of transactions under one transactional id (transaction.version 2): identity, input positions, end. The identity
// changes with each end of a transaction, and the end may be asked for again with the old one until it is answered.
import type { PartitionOffset } from '../port.ts';
import { endTxnRequest, initProducerIdRequest, txnOffsetCommitRequest } from '../wire/transactions.ts';
import type { ProducerIdentity, TxnOffsetCommitInput } from '../wire/transactions.ts';
import type { Cluster } from './cluster.ts';
import type { CoordinatorKind } from '../wire/coordinator.ts';
import { isCoordinatorMove, ProtocolError } from './errors.ts';
import { persist } from './persist.ts';

export interface TransactionOptions {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly signal?: AbortSignal;
}

/** `mend` for requests to a coordinator: it is looked for again when it moved or did not answer. */
export const forgettingCoordinator =
  (cluster: Cluster, kind: CoordinatorKind, key: string) =>
  (error: unknown): void => {
    if (isCoordinatorMove(error)) cluster.forgetCoordinator(kind, key);
  };

/**
 * Fences whoever has this transactional id, ends its transaction and waits for the end of it.
 * @throws KafkaError `unavailable` after patience, `unsupported` when the broker refuses for good.
 */
export const initProducerId = (
  cluster: Cluster,
  { transactionalId, transactionTimeoutMs, signal }: TransactionOptions,
): Promise<ProducerIdentity> =>
  persist(
    {
      what: `Transactional id ${transactionalId} could not be initialised`,
      patienceMs: cluster.settings.patienceMs,
      ...(signal === undefined ? {} : { signal }),
      mend: forgettingCoordinator(cluster, 'transaction', transactionalId),
    },
    async () => {
      const coordinator = await cluster.coordinator('transaction', transactionalId);
      const { errorCode, producerId, epoch } = await cluster.send(
        coordinator,
        'control',
        initProducerIdRequest(transactionalId, transactionTimeoutMs),
      );
      if (errorCode !== 0) throw new ProtocolError(errorCode);
      return { producerId, epoch };
    },
  );

/**
 * Commits or aborts. When no answer comes the same bytes are sent again: that tells the outcome, and never touches a later transaction.
 * @returns the identity of the next transaction.
 * @throws KafkaError `fenced` (a later owner, or timed out), `transaction-aborted`, `unavailable` when the outcome could not be learnt.
 */
export const endTransaction = (
  cluster: Cluster,
  { transactionalId, signal }: Pick<TransactionOptions, 'transactionalId' | 'signal'>,
  identity: ProducerIdentity,
  outcome: 'commit' | 'abort',
): Promise<ProducerIdentity> =>
  persist(
    {
      what: `The ${outcome} of transactional id ${transactionalId}`,
      patienceMs: cluster.settings.patienceMs,
      ...(signal === undefined ? {} : { signal }),
      mend: forgettingCoordinator(cluster, 'transaction', transactionalId),
    },
    async () => {
      const coordinator = await cluster.coordinator('transaction', transactionalId);
      const { errorCode, producerId, epoch } = await cluster.send(
        coordinator,
        'data',
        endTxnRequest(transactionalId, identity, outcome),
      );
      if (errorCode !== 0) throw new ProtocolError(errorCode);
      return { producerId, epoch };
    },
  );

/** One attempt to add input positions to the transaction. @throws ProtocolError | ConnectionLost */
export const addOffsets = async (
  cluster: Cluster,
  input: Omit<TxnOffsetCommitInput, 'positions'> & { readonly positions: readonly PartitionOffset[] },
): Promise<void> => {
  const coordinator = await cluster.coordinator('group', input.group);
  const { partitions } = await cluster.send(coordinator, 'group', txnOffsetCommitRequest(input));
  const refused = partitions.find(({ errorCode }) => errorCode !== 0);
  if (refused !== undefined) throw new ProtocolError(refused.errorCode, `${refused.topic}/${refused.partition}`);
};
