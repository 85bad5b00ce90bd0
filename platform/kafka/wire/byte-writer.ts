// Writes fields of Kafka requests, big-endian, into one growing buffer.

/** Appends protocol fields in order; `bytes()` is the result so far. */
export class ByteWriter {
  private buffer: Buffer;
  private at = 0;

  constructor(sizeHint = 256) {
    this.buffer = Buffer.allocUnsafe(sizeHint);
  }

  private reserve(length: number): number {
    const at = this.at;
    if (at + length > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, at + length));
      this.buffer.copy(grown, 0, 0, at);
      this.buffer = grown;
    }
    this.at = at + length;
    return at;
  }

  int8(value: number): this {
    const at = this.reserve(1);
    this.buffer.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.reserve(2);
    this.buffer.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeInt32BE(value, at);
    return this;
  }

  int64(value: bigint): this {
    const at = this.reserve(8);
    this.buffer.writeBigInt64BE(value, at);
    return this;
  }

  unsignedVarint(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.int8((((rest & 0x7f) | 0x80) << 24) >> 24);
      rest >>>= 7;
    }
    return this.int8(rest);
  }

  string(value: string): this {
    const length = Buffer.byteLength(value);
    this.int16(length);
    const at = this.reserve(length);
    this.buffer.write(value, at, 'utf8');
    return this;
  }

  compactString(value: string): this {
    const length = Buffer.byteLength(value);
    this.unsignedVarint(length + 1);
    const at = this.reserve(length);
    this.buffer.write(value, at, 'utf8');
    return this;
  }

  /** Compact string; null is the length 0. */
  nullableCompactString(value: string | null): this {
    return value === null ? this.unsignedVarint(0) : this.compactString(value);
  }

  bool(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  raw(bytes: Uint8Array): this {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  /** Length of a compact array, then each element by `write`. */
  compactArray<Element>(elements: readonly Element[], write: (element: Element) => void): this {
    this.unsignedVarint(elements.length + 1);
    for (const element of elements) write(element);
    return this;
  }

  /** The empty set of tagged fields of a flexible version. */
  noTags(): this {
    return this.int8(0);
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.at);
  }
}
