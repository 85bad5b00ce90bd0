// The wire format: what goes in comes out, the chain finds every change, and types match what is committed.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from './codec.ts';
import { generateTypes } from './generate-types.ts';
import { carriedLink, genesisLink, linkOf, sealLink } from './hash-chain.ts';
import { loadMessageSchemas, readSchemaFiles } from './load.ts';
import { decodePosition, encodePosition } from './position.ts';
import { loadCodec, readReleased } from './released.ts';
import type { ValuationRecorded } from '#domain/messages.ts';

const id = (digit: string): string =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`;
const codec = loadCodec();
const valuation = (minor: bigint, date = '2025-03-31'): ValuationRecorded => ({
  envelope: {
    chain_hash: new Uint8Array(32),
    event_id: id('1'),
    tenant_id: id('2'),
    aggregate_type: 'COMMITMENT',
    aggregate_id: id('3'),
    event_version: 3,
    effective_date: date,
    recorded_at: 1_764_000_000_000_000,
    actor: { user_id: id('4'), user_role: 'fund-accountant' },
    origin: { channel: 'API', ip: null, user_agent: null, session_id: null },
    reason: null,
    correlation_id: id('5'),
    causation_id: id('6'),
    depends_on: [{ aggregate_id: id('7'), event_version: 2 }],
    findings: [],
  },
  commitment_id: id('3'),
  fund_id: id('8'),
  investor_id: id('7'),
  currency: 'USD',
  remaining_value: minor,
  valuation_source: null,
});
const encode = (value: ValuationRecorded): Buffer =>
  codec.encode('stratcap.event.ValuationRecorded', { ...value, envelope: { ...value.envelope, chain_hash: Buffer.alloc(32) } });

describe('the wire format', () => {
  it('gives every amount of twenty digits back to the cent', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }), (minor) => {
        expect((codec.decode(encode(valuation(minor))).value as ValuationRecorded).remaining_value).toBe(minor);
      }),
    );
  });
  it('writes an amount in the fewest bytes that hold it, so that the same amount has the same bytes for ever', () => {
    const plain = encode(valuation(0n)).length;
    for (let bytes = 1n; bytes <= 8n; bytes += 1n) {
      const border = 1n << (bytes * 8n - 1n);
      const length = plain + Number(bytes) - 1;
      for (const fitting of [border - 1n, -border]) expect(encode(valuation(fitting)).length).toBe(length);
      for (const larger of [border, -border - 1n]) expect(encode(valuation(larger)).length).toBe(length + 1);
    }
  });
  it('gives dates before and after 1970 back', () => {
    for (const date of ['1969-12-31', '1970-01-01', '2024-02-29', '2299-12-31'])
      expect((codec.decode(encode(valuation(1n, date))).value as ValuationRecorded).envelope.effective_date).toBe(date);
  });
  it('refuses an amount of 21 digits, a wrong date and a wrong id by name', () => {
    expect(() => encode(valuation(10n ** 20n))).toThrow(/remaining_value/);
    expect(() => encode(valuation(1n, '2025-02-30'))).toThrow(/effective_date/);
    expect(() => encode({ ...valuation(1n), fund_id: 'X' })).toThrow(/fund_id/);
  });
  it('names what is wrong with bytes that it cannot read', () => {
    const whole = encode(valuation(5n));
    const code = (bytes: Uint8Array | null): string => {
      try {
        codec.decode(bytes);
        return 'decoded';
      } catch (error) {
        return error instanceof DecodeError ? error.code : String(error);
      }
    };
    expect(code(null)).toBe('not-framed');
    expect(code(Buffer.from('{"fund":1}'))).toBe('not-framed');
    expect(code(Buffer.concat([Buffer.from([0, 0x7f, 0, 0, 0]), whole.subarray(5)]))).toBe('unknown-schema');
    for (let cut = 5; cut < whole.length; cut += 1) expect(code(whole.subarray(0, cut))).toBe('malformed');
  });
});

describe('the hash chain', () => {
  it('finds a changed bit anywhere after the link, and a lost event', () => {
    const messages = [1n, 2n, 3n].map((minor) => encode(valuation(minor)));
    let link: Buffer = genesisLink;
    for (const message of messages) link = sealLink(link, message);
    const broken = (chain: readonly Buffer[]): boolean => {
      let previous: Buffer = genesisLink;
      return chain.some((message) => {
        const bad = !linkOf(previous, message).equals(carriedLink(message));
        previous = carriedLink(message);
        return bad;
      });
    };
    expect(broken(messages)).toBe(false);
    expect(broken([messages[0]!, messages[2]!])).toBe(true);
    for (let at = 1; at < messages[1]!.length; at += 1) {
      const changed = Buffer.from(messages[1]!);
      changed[at]! ^= 1;
      expect(broken([messages[0]!, changed, messages[2]!])).toBe(true);
    }
  });
});

describe('a link of the chain', () => {
  it('is the SHA-256 that the log has had since its first event, whatever the lengths', () => {
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
    fc.assert(
      fc.property(fc.oneof(bytes(40), bytes(40_000)), bytes(40), (message, previous) => {
        const expected = createHash('sha256')
          .update(previous)
          .update(message.subarray(1, 5))
          .update(message.subarray(37))
          .digest();
        expect(linkOf(previous, message).equals(expected)).toBe(true);
      }),
    );
    // An event of the first release, by its bytes.
    expect(linkOf(genesisLink, Buffer.from(`0000000015${'00'.repeat(32)}0102`, 'hex')).toString('hex')).toBe(
      '33e9a2b2c92d36e744123cfe55df50042f0dd83900bd3a847291e4887e0799ac',
    );
  });
});

describe('the schemas', () => {
  it('are pinned: every current schema is released, and the types are generated from them', () => {
    const released = readReleased();
    for (const [fullName, { schema }] of loadMessageSchemas())
      expect(
        released.some((entry) => entry.fullName === fullName && JSON.stringify(entry.schema) === JSON.stringify(schema)),
        fullName,
      ).toBe(true);
    expect(readFileSync(new URL('../domain/messages.ts', import.meta.url), 'utf8')).toBe(generateTypes());
    expect(new Set(released.map((entry) => entry.id)).size).toBe(released.length);
  });
  it('have a doc on every record and field, and a default UNKNOWN on every enum', () => {
    for (const { fullName, schema } of readSchemaFiles()) {
      expect(schema['doc'], fullName).toMatch(/\.$/);
      if (schema['type'] === 'enum') expect(schema['default'], fullName).toBe('UNKNOWN');
      for (const field of (schema['fields'] ?? []) as { name: string; doc?: string }[])
        expect(field.doc, `${fullName}.${field.name}`).toMatch(/\.$/);
    }
  });
});

describe('a position', () => {
  it('comes back from its token', () => {
    const position = { topicId: 'abc', epoch: 1, offsets: [0n, 12n, 9_007_199_254_740_993n] };
    expect(decodePosition(encodePosition(position))).toEqual(position);
    expect(decodePosition('nonsense')).toBeNull();
  });
});
