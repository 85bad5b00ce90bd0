// A planted bug that no longer fits the source would be found by nobody.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bugNames, bugs } from './bugs.ts';

describe('the bugs that the chaos harness must find', () => {
  it.each(bugNames)('%s can still be planted', (name) => {
    for (const { file, find, replace } of bugs[name].changes) {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      expect(source.split(find), `${file}: ${find}`).toHaveLength(2);
      expect(replace).not.toBe(find);
    }
  });
});
