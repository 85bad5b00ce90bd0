// Uuids are most of the bytes of a message, and the ids of funds, investors and users come again and again. Their text is compared
// by words with what the field read before, and given back as the same string, whose hash is known: that costs a quarter of making
// it anew, and the state that keeps it holds one copy.

/** Characters of a uuid. */
export const uuidLength = 36;

/** A field that holds ids: those that it read last, by a hash of their bytes. */
export interface IdField {
  /** Null while too few ids come again: those of events and commands come once. */
  slots: Slots | null;
  /** Ids looked up since the last judgement, and how many were there. */
  tried: number;
  found: number;
}
interface Slots {
  /** Nine words of text per slot. */
  readonly words: Int32Array;
  readonly texts: string[];
}

const slotBits = 13;
const slotWords = 9;
/** After so many ids it is judged whether the slots are worth it; without slots they are tried again after sixteen times as many. */
const judgedAfter = 4096;
const highBits = 0x80808080 | 0;

const newSlots = (): Slots => ({
  words: new Int32Array(slotWords << slotBits),
  texts: Array.from({ length: 1 << slotBits }, () => ''),
});

/** A field of ids without any seen yet. */
export const idField = (): IdField => ({ slots: null, tried: judgedAfter * 16, found: 0 });

const judge = (field: IdField): void => {
  if (field.slots === null) {
    if (field.tried < judgedAfter * 16) return;
    field.slots = newSlots();
  } else if (field.found * 8 < field.tried) field.slots = null;
  field.tried = 0;
  field.found = 0;
};

/** Text of 36 ASCII bytes: in one expression faster than a call out of JavaScript. */
// oxlint-disable-next-line typescript/no-implied-eval -- the text is a constant
const asciiText = new Function(
  'b',
  'p',
  `return String.fromCharCode(${Array.from({ length: uuidLength }, (_, at) => `b[p+${at}]`).join(',')});`,
) as (b: Uint8Array, p: number) => string;

/**
 * The text of the 36 bytes at p of `b`, which stand at `place` of `view`; null when they are not ASCII.
 * The caller knows that they are there.
 */
export const readId = (b: Uint8Array, p: number, view: DataView, place: number, field: IdField): string | null => {
  field.tried += 1;
  if (field.tried >= judgedAfter) judge(field);
  const w0 = view.getInt32(place, true);
  const w1 = view.getInt32(place + 4, true);
  const w2 = view.getInt32(place + 8, true);
  const w3 = view.getInt32(place + 12, true);
  const w4 = view.getInt32(place + 16, true);
  const w5 = view.getInt32(place + 20, true);
  const w6 = view.getInt32(place + 24, true);
  const w7 = view.getInt32(place + 28, true);
  const w8 = view.getInt32(place + 32, true);
  if (((w0 | w1 | w2 | w3 | w4 | w5 | w6 | w7 | w8) & highBits) !== 0) return null;
  const { slots } = field;
  if (slots === null) return asciiText(b, p);
  const { words, texts } = slots;
  const slot = Math.imul(w0 ^ Math.imul(w8, 0x9e3779b1), 0x85ebca6b) >>> (32 - slotBits);
  const at = slot * slotWords;
  if (
    words[at] === w0 &&
    words[at + 1] === w1 &&
    words[at + 2] === w2 &&
    words[at + 3] === w3 &&
    words[at + 4] === w4 &&
    words[at + 5] === w5 &&
    words[at + 6] === w6 &&
    words[at + 7] === w7 &&
    words[at + 8] === w8
  ) {
    field.found += 1;
    return texts[slot] as string;
  }
  words[at] = w0;
  words[at + 1] = w1;
  words[at + 2] = w2;
  words[at + 3] = w3;
  words[at + 4] = w4;
  words[at + 5] = w5;
  words[at + 6] = w6;
  words[at + 7] = w7;
  words[at + 8] = w8;
  const text = asciiText(b, p);
  texts[slot] = text;
  return text;
};

const dash = 45;
/** A lower-case hexadecimal digit counts 1, a dash 100: 36 characters that count 432 are 32 digits and 4 dashes. */
const countOf = new Uint8Array(256);
for (const character of '0123456789abcdef') countOf[character.charCodeAt(0)] = 1;
countOf[dash] = 100;
/** Characters that a byte does not hold. V8 knows of most strings that they have none, and does not look at them. */
const wide = /[^\0-\xff]/;

/** Whether 36 bytes are a lower-case uuid. */
const isUuidAt = (b: Uint8Array, p: number): boolean => {
  let count = 0;
  for (let at = p; at < p + uuidLength; at += 1) count += countOf[b[at] as number] as number;
  return count === 432 && b[p + 8] === dash && b[p + 13] === dash && b[p + 18] === dash && b[p + 23] === dash;
};

/** Writes 36 bytes of text at p and says whether they are a lower-case uuid; there must be room. */
export const writeId = (
  b: Buffer & { latin1Write(text: string, at: number, length: number): number },
  p: number,
  id: string,
): boolean => {
  if (id.length !== uuidLength || wide.test(id)) return false;
  b.latin1Write(id, p, uuidLength);
  return isUuidAt(b, p);
};

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Whether a value is a lower-case uuid. */
export const isUuid = (value: unknown): boolean => typeof value === 'string' && uuidForm.test(value);
