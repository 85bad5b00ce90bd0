// Every message against bytes of the reference implementation, and every decoder against bytes that nobody honest would send.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../port.ts';
import { apiVersionsRequest, decodeApiVersions } from './api-versions.ts';
import { decodeGroupMembers, decodeHeartbeat, groupMembersRequest, heartbeatRequest } from './consumer-group.ts';
import { coordinatorRequest, decodeCoordinator } from './coordinator.ts';
import { GOLDEN_PRODUCED_BATCH, GOLDEN_PRODUCE_FRAME, GOLDEN_REQUESTS, GOLDEN_RESPONSES } from './golden-messages.ts';
import { decodeAlterConfigs, groupConfigsRequest } from './group-configs.ts';
import { decodeListOffsets, listOffsetsRequest } from './list-offsets.ts';
import { metadataRequest } from './metadata.ts';
import { offsetCommitRequest } from './offset-commit.ts';
import { decodeOffsetFetch, offsetFetchRequest } from './offset-fetch.ts';
import { decodeProduce, produceRequest } from './produce.ts';
import type { WireRequest } from './request.ts';
import { decodeSaslAuthenticate, decodeSaslHandshake, saslAuthenticateRequest, saslHandshakeRequest } from './sasl.ts';
import {
  createTopicRequest,
  decodeCreateTopic,
  decodeDeleteRecords,
  decodeDeleteTopic,
  deleteRecordsRequest,
  deleteTopicRequest,
} from './topics.ts';
import {
  decodeEndTxn,
  decodeInitProducerId,
  decodeListTransactions,
  decodeTxnOffsetCommit,
  endTxnRequest,
  initProducerIdRequest,
  listTransactionsRequest,
  txnOffsetCommitRequest,
} from './transactions.ts';

const TOPIC_ID = '0102030405060708090a0b0c0d0e0f10';
const identity = { producerId: 4711n, epoch: 3 };
const positions = [{ topic: 'events', partition: 2, offset: 258n }];
const member = { group: 'g', memberId: 'g~0', rebalanceTimeoutMs: 60_000, topics: ['events'] };

/** Requests with the key, version and body that they must have. `SaslHandshake` alone has no tags in its header. */
const REQUESTS: readonly (readonly [keyof typeof GOLDEN_REQUESTS, number, number, WireRequest<object>])[] = [
  ['initProducerId', 22, 4, initProducerIdRequest('g~0', 60_000)],
  ['initIdempotent', 22, 4, initProducerIdRequest(null, 60_000)],
  ['endTxn', 26, 5, endTxnRequest('g~0', identity, 'commit')],
  [
    'txnOffsetCommit',
    28,
    5,
    txnOffsetCommitRequest({ transactionalId: 'g~0', group: 'g', identity, member: { id: 'g~0', epoch: 5 }, positions }),
  ],
  ['listTransactions', 66, 2, listTransactionsRequest('g~.*')],
  ['heartbeatJoin', 68, 1, heartbeatRequest({ ...member, memberEpoch: 0, owned: [] })],
  ['heartbeatOwned', 68, 1, heartbeatRequest({ ...member, memberEpoch: 7, owned: [{ topicId: TOPIC_ID, partitions: [1, 3] }] })],
  ['heartbeatBrief', 68, 1, heartbeatRequest({ ...member, memberEpoch: 7, rebalanceTimeoutMs: -1, topics: null, owned: null })],
  ['groupMembers', 69, 1, groupMembersRequest('g')],
  [
    'offsetFetch',
    9,
    9,
    offsetFetchRequest({ group: 'g', member: { id: 'g~0', epoch: 7 }, topics: [{ topic: 'events', partitions: [0, 1] }] }),
  ],
  ['offsetCommit', 8, 9, offsetCommitRequest('g', positions)],
  ['listOffsets', 2, 7, listOffsetsRequest([{ topic: 'events', partition: 2 }], 'earliest')],
  ['findCoordinator', 10, 4, coordinatorRequest('transaction', 'g~0')],
  ['groupConfigs', 44, 1, groupConfigsRequest('g', { 'consumer.session.timeout.ms': '6000' })],
  [
    'createTopic',
    19,
    7,
    createTopicRequest({ name: 'events', partitions: 8, replicationFactor: 3, config: { 'cleanup.policy': 'compact' } }),
  ],
  ['deleteTopic', 20, 6, deleteTopicRequest('events')],
  ['deleteRecords', 21, 2, deleteRecordsRequest(positions)],
  ['apiVersions', 18, 3, apiVersionsRequest()],
  ['saslHandshake', 17, 1, saslHandshakeRequest('PLAIN')],
  ['saslAuthenticate', 36, 2, saslAuthenticateRequest(Buffer.from([0, 1, 2]))],
  ['metadata', 3, 12, metadataRequest(['events'])],
];

const refused = { throttleMs: 9, partitions: [{ topic: 'events', partition: 2, errorCode: 22 }] };

/** Decoders with what they must find. ApiVersions and SaslHandshake alone have no tags in the header of their response. */
const RESPONSES: readonly (readonly [keyof typeof GOLDEN_RESPONSES, '' | '00', (bytes: Buffer) => object, object])[] = [
  ['initProducerId', '00', decodeInitProducerId, { throttleMs: 9, errorCode: 51, producerId: 4711n, epoch: 3 }],
  ['initProducerId', '00', decodeEndTxn, { throttleMs: 9, errorCode: 51, producerId: 4711n, epoch: 3 }],
  ['txnOffsetCommit', '00', decodeTxnOffsetCommit, refused],
  ['listTransactions', '00', decodeListTransactions, { throttleMs: 9, errorCode: 0, transactionalIds: ['g~1'] }],
  [
    'heartbeat',
    '00',
    decodeHeartbeat,
    { throttleMs: 9, errorCode: 0, errorMessage: null, memberEpoch: 7, assignment: [{ topicId: TOPIC_ID, partitions: [1, 3] }] },
  ],
  [
    'heartbeatFenced',
    '00',
    decodeHeartbeat,
    { throttleMs: 0, errorCode: 110, errorMessage: 'fenced', memberEpoch: 0, assignment: null },
  ],
  ['groupMembers', '00', decodeGroupMembers, { throttleMs: 9, errorCode: 0, memberIds: ['g~0', 'g~1'] }],
  [
    'offsetFetch',
    '00',
    decodeOffsetFetch,
    { throttleMs: 9, errorCode: 0, partitions: [{ topic: 'events', partition: 2, offset: 258n, errorCode: 88 }] },
  ],
  [
    'listOffsets',
    '00',
    decodeListOffsets,
    { throttleMs: 9, partitions: [{ topic: 'events', partition: 2, errorCode: 0, offset: 258n }] },
  ],
  ['findCoordinator', '00', decodeCoordinator, { errorCode: 0, nodeId: 3, host: 'broker-3', port: 9092 }],
  ['groupConfigs', '00', decodeAlterConfigs, { throttleMs: 9, errorCode: 40, errorMessage: 'too low' }],
  ['createTopic', '00', decodeCreateTopic, { throttleMs: 9, errorCode: 36, errorMessage: 'exists' }],
  ['deleteTopic', '00', decodeDeleteTopic, { throttleMs: 9, errorCode: 3, errorMessage: 'none' }],
  ['deleteRecords', '00', decodeDeleteRecords, { throttleMs: 9, partitions: [{ topic: 'events', partition: 2, errorCode: 1 }] }],
  [
    'produce',
    '00',
    decodeProduce,
    {
      throttleMs: 9,
      partitions: [{ topic: 'events', partition: 2, errorCode: 6, errorMessage: 'moved', baseOffset: 258n }],
    },
  ],
  [
    'apiVersions',
    '',
    decodeApiVersions,
    { errorCode: 0, versions: new Map([[0, [3, 13]]]), features: new Map([['transaction.version', 2]]) },
  ],
  ['saslHandshake', '', decodeSaslHandshake, { errorCode: 33, mechanisms: ['PLAIN', 'SCRAM-SHA-256'] }],
  [
    'saslAuthenticate',
    '00',
    decodeSaslAuthenticate,
    { errorCode: 58, errorMessage: 'no', token: Buffer.from([0, 1, 2]), lifetimeMs: 5_000 },
  ],
];

describe('requests', () => {
  it.each(REQUESTS)('are written as Kafka writes them: %s', (name, apiKey, apiVersion, request) => {
    expect([request.apiKey, request.apiVersion]).toEqual([apiKey, apiVersion]);
    expect(request.encode().toString('hex')).toBe((name === 'saslHandshake' ? '' : '00') + GOLDEN_REQUESTS[name]);
  });

  it('are written as Kafka writes them: produce, in pieces and as one', () => {
    const batch = { topic: 'events', partition: 2, parts: [GOLDEN_PRODUCED_BATCH], bytes: GOLDEN_PRODUCED_BATCH.length };
    const request = produceRequest({ transactionalId: 'g~0', timeoutMs: 8_000, batches: [batch] });
    const [before, behind] = GOLDEN_PRODUCE_FRAME;
    const expected = `00${before}${GOLDEN_PRODUCED_BATCH.toString('hex')}${behind}`;
    expect([request.apiKey, request.apiVersion]).toEqual([0, 12]);
    expect(request.encode().toString('hex')).toBe(expected);
    expect(Buffer.concat([...(request.encodeParts?.() ?? [])]).toString('hex')).toBe(expected);
  });
});

describe('responses', () => {
  it.each(RESPONSES)('are read as Kafka wrote them: %s', (name, header, decode, expected) => {
    expect(decode(Buffer.from(header + GOLDEN_RESPONSES[name], 'hex'))).toEqual(expected);
  });

  it.each(RESPONSES)('that are cut off anywhere are an error: %s', (name, header, decode) => {
    const whole = Buffer.from(header + GOLDEN_RESPONSES[name], 'hex');
    // Behind the last field that is read there may be tags that nobody needs.
    for (let length = 0; length < whole.length - 8; length += 1) {
      const outcome = outcomeOf(() => decode(whole.subarray(0, length)));
      expect(['corrupt-batch', 'read']).toContain(outcome);
      if (length < whole.length / 2) expect(outcome).toBe('corrupt-batch');
    }
  });

  it.each(RESPONSES)('end in a result or in a KafkaError, whatever their bytes are: %s', (name, header, decode) => {
    const whole = Buffer.from(header + GOLDEN_RESPONSES[name], 'hex');
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(changes, fc.uint8Array({ maxLength: 60 }), (altered, tail) => {
        const bytes = Buffer.concat([whole, tail]);
        for (const [at, byte] of altered) bytes[at] = byte;
        expect(['read', 'corrupt-batch']).toContain(outcomeOf(() => decode(bytes)));
        expect(['read', 'corrupt-batch']).toContain(outcomeOf(() => decode(Buffer.from(tail))));
      }),
      { numRuns: 300 },
    );
  });
});

const outcomeOf = (work: () => unknown): string => {
  try {
    work();
    return 'read';
  } catch (error) {
    if (error instanceof KafkaError) return error.code;
    throw error;
  }
};
