// Which commitment stood on which line of the file, for the check of duplicate rows: 20 bytes a slot, since a Map of texts would
// let the memory of an import grow with its file.

const wordsPerId = 4;
const noLine = 0;

export interface RowIndex {
  /** Remembers the line of an id; gives the earlier line when the id was there already, else null. */
  add(id: string, line: number): number | null;
  readonly size: number;
}

/** An index of uuids (open addressing, at most two thirds full). Lines count from 1. */
export const createRowIndex = (slotsAtFirst = 1 << 12): RowIndex => {
  let slots = slotsAtFirst;
  let ids = new Uint32Array(slots * wordsPerId);
  let lines = new Uint32Array(slots);
  let size = 0;

  const put = (words: ArrayLike<number>, line: number): number | null => {
    // A uuid5 is a hash already, so its first word may choose the slot.
    for (let slot = (words[0] ?? 0) % slots; ; slot = (slot + 1) % slots) {
      const known = lines[slot] ?? noLine;
      if (known === noLine) {
        for (let word = 0; word < wordsPerId; word += 1) ids[slot * wordsPerId + word] = words[word] ?? 0;
        lines[slot] = line;
        size += 1;
        return null;
      }
      let equal = true;
      for (let word = 0; word < wordsPerId; word += 1) equal &&= ids[slot * wordsPerId + word] === words[word];
      if (equal) return known;
    }
  };
  const grow = (): void => {
    const [oldIds, oldLines] = [ids, lines];
    slots *= 2;
    ids = new Uint32Array(slots * wordsPerId);
    lines = new Uint32Array(slots);
    size = 0;
    oldLines.forEach((line, slot) => {
      if (line !== noLine) put(oldIds.subarray(slot * wordsPerId, (slot + 1) * wordsPerId), line);
    });
  };
  return {
    add: (id, line) => {
      if (size * 3 >= slots * 2) grow();
      const digits = id.replaceAll('-', '');
      return put(
        [0, 8, 16, 24].map((at) => Number.parseInt(digits.slice(at, at + 8), 16)),
        line,
      );
    },
    get size() {
      return size;
    },
  };
};
