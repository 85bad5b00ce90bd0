// Membership of a worker in a KIP-848 group: heartbeats that never stop, the assignment that the group wants, and the epoch that
// fences commits. What to do about an assignment is the worker's business.
import { KafkaError } from '../port.ts';
import { heartbeatRequest } from '../wire/consumer-group.ts';
import type { HeartbeatResult } from '../wire/consumer-group.ts';
import { groupConfigsRequest } from '../wire/group-configs.ts';
import type { Cluster } from './cluster.ts';
import { CODE, codeOf, isPassing, ProtocolError, toKafkaError } from './errors.ts';
import { persist, toldOf } from './persist.ts';
import { forgettingCoordinator } from './transaction.ts';

export interface MembershipOptions {
  readonly group: string;
  readonly memberId: string;
  readonly topic: string;
  readonly heartbeatIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export interface MembershipEvents {
  /** An answer came; `target` may have changed. */
  readonly answered: () => void;
  /** The group has thrown us out: everything held is lost. Joining again is under way. */
  readonly thrownOut: (cause: Error) => void;
}

/** Name of a worker in its group, and of its transactions. */
export const memberIdOf = (group: string, workerId: string): string => `${group}~${workerId}`;

/** Takes a member out of its group; one that is not in it is out. @throws KafkaError `unavailable` after patience. */
export const evictMember = (cluster: Cluster, group: string, memberId: string): Promise<void> =>
  persist(
    {
      what: `Member ${memberId} could not be taken out of group ${group}`,
      patienceMs: cluster.settings.patienceMs,
      mend: forgettingCoordinator(cluster, 'group', group),
    },
    async () => {
      const request = heartbeatRequest({
        group,
        memberId,
        memberEpoch: LEAVE,
        rebalanceTimeoutMs: -1,
        topics: null,
        owned: null,
      });
      const { errorCode } = await cluster.send(await cluster.coordinator('group', group), 'group', request);
      if (errorCode !== 0 && errorCode !== CODE.UNKNOWN_MEMBER_ID && errorCode !== CODE.GROUP_ID_NOT_FOUND)
        throw new ProtocolError(errorCode);
    },
  );

const JOIN = 0;
const LEAVE = -1;
const HEARTBEAT_TIMEOUT_MS = 3_000;
const RETRY_PAUSE_MS = 20;
const REFUSED_PAUSE_MS = 1_000;

interface Wish {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly until: number;
}

export class Membership {
  /** Epoch of the last answer; 0 while not a member. */
  epoch = JOIN;
  /** What the group wants us to hold; null while not a member. */
  target: ReadonlySet<number> | null = null;
  private readonly cluster: Cluster;
  private readonly options: MembershipOptions;
  private readonly events: MembershipEvents;
  private owned: readonly number[] = [];
  private ownedToldAs: string | null = null;
  private wishes: Wish[] = [];
  private wake: () => void = () => undefined;
  private stopped = false;
  private running: Promise<void> | null = null;

  constructor(cluster: Cluster, options: MembershipOptions, events: MembershipEvents) {
    this.cluster = cluster;
    this.options = options;
    this.events = events;
  }

  /** Joins and goes on with heartbeats. @throws KafkaError when the group does not accept us. */
  async start(): Promise<void> {
    await this.configureGroup();
    this.running = this.run();
    await this.fresh();
  }

  /** What is held from now on; told with the next heartbeat, which is sent at once. */
  hold(partitions: readonly number[]): void {
    this.owned = partitions.toSorted((a, b) => a - b);
    this.wake();
  }

  /** Resolves when a heartbeat that was sent after this call was accepted. @throws KafkaError `unavailable` after patience. */
  fresh(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.wishes.push({ resolve, reject, until: Date.now() + this.cluster.settings.patienceMs });
      this.wake();
    });
  }

  /** Stops and leaves, so that the others take over at once. A group that does not hear it waits for the session to end. */
  async leave(): Promise<void> {
    const wasMember = this.epoch !== JOIN;
    this.stop(new KafkaError('unavailable', `Member ${this.options.memberId} has left group ${this.options.group}`));
    await this.running;
    if (!wasMember) return;
    this.epoch = LEAVE;
    await this.beat().catch(() => undefined);
  }

  private stop(reason: Error): void {
    this.stopped = true;
    for (const { reject } of this.wishes.splice(0)) reject(reason);
    this.wake();
  }

  /**
   * Session time-out and pace of assignment are settings of the group. A broker that refuses a session that short (its
   * group.consumer.min.session.timeout.ms) still takes the rest.
   */
  private async configureGroup(): Promise<void> {
    const { group, sessionTimeoutMs, heartbeatIntervalMs } = this.options;
    const pace = { 'consumer.assignment.interval.ms': '0' };
    const heartbeat = Math.min(Math.max(heartbeatIntervalMs, 100), sessionTimeoutMs - 1);
    const session = {
      'consumer.session.timeout.ms': String(sessionTimeoutMs),
      'consumer.heartbeat.interval.ms': String(heartbeat),
    };
    for (const settings of [{ ...session, ...pace }, pace]) {
      try {
        const { errorCode, errorMessage } = await this.cluster.askAny(groupConfigsRequest(group, settings));
        if (errorCode === 0) return;
        this.cluster.settings.logger.warn({ group, settings, errorCode }, `group settings were refused: ${errorMessage}`);
      } catch (error) {
        this.cluster.settings.logger.warn({ group, err: error }, 'group settings could not be set');
      }
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const asked = this.wishes;
      this.wishes = [];
      try {
        await this.beat();
        for (const { resolve } of asked) resolve();
        this.events.answered();
        if (!this.hasNews()) await this.pause(this.options.heartbeatIntervalMs, 'until-news');
      } catch (error) {
        await this.pause(this.failed(error, asked), 'whole');
      }
    }
  }

  private hasNews(): boolean {
    return this.wishes.length > 0 || JSON.stringify(this.owned) !== this.ownedToldAs;
  }

  private async pause(pauseMs: number, length: 'until-news' | 'whole'): Promise<void> {
    if (this.stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.wake = () => {
        if (length === 'whole' && !this.stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }

  private failed(error: unknown, asked: readonly Wish[]): number {
    const code = codeOf(error);
    const { group } = this.options;
    if (code === CODE.UNKNOWN_MEMBER_ID || code === CODE.FENCED_MEMBER_EPOCH) {
      this.keep(asked, error);
      this.epoch = JOIN;
      this.target = null;
      this.owned = [];
      this.ownedToldAs = null;
      this.events.thrownOut(toKafkaError(error, `Group ${group} has thrown out member ${this.options.memberId}`));
      return 0;
    }
    this.ownedToldAs = null; // an answer may have been lost: the next heartbeat says everything
    if (isPassing(error)) {
      forgettingCoordinator(this.cluster, 'group', group)(error);
      this.keep(asked, error);
      return RETRY_PAUSE_MS;
    }
    const told = error instanceof ProtocolError ? toKafkaError(error, `Heartbeat in group ${group}`) : (error as Error);
    this.cluster.settings.logger.warn({ err: told, group }, 'a heartbeat was refused');
    for (const { reject } of asked) reject(told);
    return REFUSED_PAUSE_MS;
  }

  /** Wishes of a failed heartbeat wait for the next one, until their time is up. */
  private keep(asked: readonly Wish[], error: unknown): void {
    const now = Date.now();
    for (const wish of asked) {
      if (wish.until > now) this.wishes.push(wish);
      else wish.reject(toldOf(error, `Heartbeat in group ${this.options.group}`));
    }
  }

  private async beat(): Promise<void> {
    const { group, memberId, topic, rebalanceTimeoutMs } = this.options;
    const { topicId } = await this.cluster.topic(topic);
    const { epoch } = this;
    const ownedText = JSON.stringify(this.owned);
    const isWhole = epoch === JOIN || ownedText !== this.ownedToldAs;
    const coordinator = await this.cluster.coordinator('group', group);
    const timeoutMs = Math.min(HEARTBEAT_TIMEOUT_MS, this.cluster.settings.requestTimeoutMs);
    const owned = this.owned.length === 0 ? [] : [{ topicId, partitions: this.owned }];
    const result = await this.cluster.send(
      coordinator,
      'group',
      heartbeatRequest({
        group,
        memberId,
        memberEpoch: epoch,
        rebalanceTimeoutMs: isWhole ? rebalanceTimeoutMs : -1,
        topics: isWhole ? [topic] : null,
        owned: isWhole ? owned : null,
      }),
      timeoutMs,
    );
    if (result.errorCode !== 0) throw new ProtocolError(result.errorCode, result.errorMessage);
    this.ownedToldAs = ownedText;
    if (epoch !== LEAVE) this.accept(result, topicId);
  }

  private accept({ memberEpoch, assignment }: HeartbeatResult, topicId: string): void {
    this.epoch = memberEpoch;
    if (assignment === null) return;
    this.target = new Set(assignment.filter((entry) => entry.topicId === topicId).flatMap(({ partitions }) => partitions));
    if (assignment.every((entry) => entry.topicId === topicId)) return;
    this.ownedToldAs = null; // the topic was made anew: with its new id the next heartbeat asks for the whole assignment
    void this.cluster.refresh().catch(() => undefined);
  }
}
