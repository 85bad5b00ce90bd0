// A cursor over bytes of the Kafka protocol. Every read is bounds-checked and every length is checked against what is left,
// so that truncated or hostile bytes end in an error and never in a hang or an allocation by a length that was sent.
import { KafkaError } from '../port.ts';

/** Reads big-endian protocol fields in order. All methods throw KafkaError `corrupt-batch` when the bytes do not hold what they say. */
export class ByteReader {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  private take(length: number, what: string): number {
    const at = this.at;
    if (length < 0 || length > this.end - at) {
      throw new KafkaError(
        'corrupt-batch',
        `${what} needs ${length} bytes at byte ${at}, but ${this.end - at} are left; the bytes are truncated or damaged`,
      );
    }
    this.at = at + length;
    return at;
  }

  int8(): number {
    return this.bytes.readInt8(this.take(1, 'int8'));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.take(2, 'int16'));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4, 'int32'));
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  uint32(): number {
    return this.bytes.readUInt32BE(this.take(4, 'uint32'));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8, 'int64'));
  }

  skip(length: number): void {
    this.take(length, 'skipped field');
  }

  /** A view on the next bytes, not a copy. */
  slice(length: number, what: string): Buffer {
    const at = this.take(length, what);
    return this.bytes.subarray(at, at + length);
  }

  /** Unsigned LEB128 of at most 32 bits. */
  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1, 'varint')] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new KafkaError('corrupt-batch', `varint before byte ${this.at} has more than 5 bytes; the bytes are damaged`);
  }

  /** Zig-zag varint of at most 32 bits. */
  varint(): number {
    const raw = this.unsignedVarint();
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** Zig-zag varint of at most 64 bits, as a number: for time differences, which are exact up to 2^53 ms. */
  varlong(): number {
    const start = this.at;
    let value = 0;
    let factor = 1;
    for (let length = 0; length < 10; length += 1) {
      const byte = this.bytes[this.take(1, 'varlong')] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        const half = Math.floor(value / 2);
        const signed = value % 2 === 0 ? half : -half - 1;
        if (Number.isSafeInteger(value)) return signed;
        break;
      }
      factor *= 128;
    }
    throw new KafkaError(
      'corrupt-batch',
      `varlong at byte ${start} is not a time difference in milliseconds; the bytes are damaged`,
    );
  }

  string(): string {
    const length = this.int16();
    const at = this.take(length, 'string');
    return this.bytes.toString('utf8', at, at + length);
  }

  /** Compact (flexible version) string; null when its length says so. */
  compactString(): string | null {
    const length = this.unsignedVarint();
    if (length === 0) return null;
    const at = this.take(length - 1, 'compact string');
    return this.bytes.toString('utf8', at, at + length - 1);
  }

  /** Length of an array whose elements take at least `bytesEachMin` bytes; 0 for a null array. */
  arrayLength(bytesEachMin: number): number {
    return this.checkedLength(Math.max(0, this.int32()), bytesEachMin);
  }

  compactArrayLength(bytesEachMin: number): number {
    return this.checkedLength(Math.max(0, this.unsignedVarint() - 1), bytesEachMin);
  }

  /** A compact array whose elements take at least `bytesEachMin` bytes, each read by `read`; empty for a null array. */
  compactArray<Element>(bytesEachMin: number, read: () => Element): Element[] {
    const elements: Element[] = [];
    for (let left = this.compactArrayLength(bytesEachMin); left > 0; left -= 1) elements.push(read());
    return elements;
  }

  private checkedLength(length: number, bytesEachMin: number): number {
    if (length * bytesEachMin > this.remaining) {
      throw new KafkaError(
        'corrupt-batch',
        `array of ${length} elements at byte ${this.at} cannot fit into the ${this.remaining} bytes left; the bytes are damaged`,
      );
    }
    return length;
  }

  /** Skips the tagged fields of a flexible version. */
  skipTags(): void {
    const count = this.unsignedVarint();
    if (count > this.remaining)
      throw new KafkaError('corrupt-batch', `${count} tagged fields at byte ${this.at} cannot fit; the bytes are damaged`);
    for (let tag = 0; tag < count; tag += 1) {
      this.unsignedVarint();
      this.skip(this.unsignedVarint());
    }
  }
}
