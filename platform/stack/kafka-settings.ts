// The settings of the broker, the same for the embedded one and for the container of docker-compose.yml.

/**
 * Settings of the broker that never change. Offsets and topics are kept for ever unless a topic says otherwise: a
 * committed offset that expires would make a task forget where it was. The group and transaction limits are low so that
 * a killed task is replaced in a second; internal topics are small because there is one node.
 */
export const KAFKA_SETTINGS: Readonly<Record<string, string>> = {
  'auto.create.topics.enable': 'false',
  'num.partitions': '1',
  'default.replication.factor': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'offsets.retention.minutes': '2147483647',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'transaction.max.timeout.ms': '900000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
  // After a kill the controller waits for the end of the dead broker's session before it lets the new one in.
  'broker.session.timeout.ms': '4000',
  'broker.heartbeat.interval.ms': '500',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'group.consumer.min.session.timeout.ms': '1000',
  'group.consumer.min.heartbeat.interval.ms': '100',
  'log.retention.ms': '-1',
  'log.retention.bytes': '-1',
  'log.cleaner.dedupe.buffer.size': '33554432',
  'message.max.bytes': '8388608',
  'replica.fetch.max.bytes': '8388608',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'group.coordinator.threads': '1',
  'background.threads': '2',
  'log.message.timestamp.after.max.ms': '9223372036854775807',
};
