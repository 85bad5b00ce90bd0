// The checker of the chaos runs must see what a run could do wrong.
import { describe, expect, it } from 'vitest';
import { checkPartition, isClean, type SeenPartition } from './model.ts';

const right: SeenPartition = {
  commands: [
    { offset: 0n, value: 'a 5 #1' },
    { offset: 2n, value: 'b 7 #2' },
    { offset: 3n, value: 'not a command' },
    { offset: 4n, value: 'a -2 #3' },
  ],
  events: [
    { key: 'a', value: 'a 5 1 5' },
    { key: 'b', value: 'b 7 2 7' },
    { key: 'a', value: 'a -2 3 3' },
  ],
  outcomes: [
    { key: '0', value: 'known' },
    { key: '2', value: 'known' },
    { key: '4', value: 'known' },
  ],
  facts: [
    { key: 'a', value: '1 5' },
    { key: 'progress|0', value: '2' },
    { key: 'b', value: '2 7' },
    { key: 'a', value: '3 3' },
    { key: 'progress|0', value: '5' },
  ],
  deadLetters: [{ offset: 3n, value: 'not a command' }],
};

describe('the checker of a chaos run', () => {
  it('has nothing to say of outputs that are the fold of the inputs', () => {
    const verdict = checkPartition(0, right);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, differing: 0, in: 4, out: 10 });
    expect(isClean(verdict)).toBe(true);
  });

  it.each<[string, Partial<SeenPartition>, object]>([
    ['an event that is missing', { events: right.events.slice(0, 2) }, { lost: 1 }],
    ['an event that is there twice', { events: [...right.events, { key: 'a', value: 'a -2 3 3' }] }, { duplicated: 1 }],
    ['a balance that is another', { events: [...right.events.slice(0, 2), { key: 'a', value: 'a -2 3 4' }] }, { differing: 1 }],
    ['an event under another key', { events: [{ key: 'b', value: 'a 5 1 5' }, ...right.events.slice(1)] }, { differing: 1 }],
    ['an event of nothing', { events: [...right.events, { key: 'x', value: 'x 1 4 1' }] }, { differing: 1 }],
    ['events in another order', { events: right.events.toReversed() }, { differing: 1 }],
    ['a fact that is missing', { facts: right.facts.slice(1) }, { lost: 1 }],
    ['a fact that differs', { facts: [{ key: 'a', value: '1 6' }, ...right.facts.slice(1)] }, { differing: 1 }],
    ['progress that goes back', { facts: [...right.facts, { key: 'progress|0', value: '4' }] }, { differing: 1 }],
    ['an outcome that is there twice', { outcomes: [...right.outcomes, { key: '0', value: 'known' }] }, { duplicated: 1 }],
    ['a poisoned record without a dead letter', { deadLetters: [] }, { lost: 1 }],
    ['a dead letter twice', { deadLetters: [...right.deadLetters, ...right.deadLetters] }, { duplicated: 1 }],
    ['a dead letter with other bytes', { deadLetters: [{ offset: 3n, value: 'another' }] }, { differing: 1 }],
  ])('names %s', (_what, changes, counts) => {
    const verdict = checkPartition(0, { ...right, ...changes });
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, differing: 0, ...counts });
    expect(isClean(verdict)).toBe(false);
    expect(verdict.findings).toHaveLength(1);
  });
});
