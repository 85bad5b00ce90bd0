// Which partition a consistency key belongs to: murmur2 as the Java client computes it, so that any Kafka client agrees.

/** Java's `Utils.murmur2` over the bytes of a key; a signed 32-bit integer. */
export const murmur2 = (bytes: Uint8Array): number => {
  const m = 0x5bd1e995;
  const length = bytes.length;
  let h = 0x9747b28c ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let k = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = length - at;
  if (rest === 3) h ^= (bytes[at + 2] ?? 0) << 16;
  if (rest >= 2) h ^= (bytes[at + 1] ?? 0) << 8;
  if (rest >= 1) {
    h ^= bytes[at] ?? 0;
    h = Math.imul(h, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
};

/** The partition of a consistency key among `partitions`: `toPositive(murmur2(key)) mod partitions`. */
export const partitionOf = (consistencyKey: string, partitions: number): number =>
  (murmur2(Buffer.from(consistencyKey, 'utf8')) & 0x7fffffff) % partitions;
