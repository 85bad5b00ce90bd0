// Short texts made without a call out of JavaScript, which costs more than the text itself: one expression per length, generated.

/** Beyond this many bytes the call is cheaper. */
const sizeMax = 40;

type Make = (b: Uint8Array, p: number) => string | null;

const makes: readonly Make[] = Array.from({ length: sizeMax + 1 }, (_, size): Make => {
  if (size === 0) return () => '';
  const bytes = Array.from({ length: size }, (_, at) => `b[p+${at}]`);
  // oxlint-disable-next-line typescript/no-implied-eval -- generated from released schemas alone, nothing from outside enters it
  return new Function(
    'b',
    'p',
    `return ${bytes.map((byte) => `${byte}<128`).join('&&')}?String.fromCharCode(${bytes.join(',')}):null;`,
  ) as Make;
});

/** Text of `size` bytes at p, which must be there; null when they are too many or not ASCII. */
export const asciiText = (b: Uint8Array, p: number, size: number): string | null => {
  const make = size <= sizeMax ? makes[size] : undefined;
  return make === undefined ? null : make(b, p);
};
