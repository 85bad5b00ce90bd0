import { expect, test } from 'vitest';
import { createStallWatch } from './stall-watch.ts';

const watched = () => {
  const said: string[] = [];
  let ms = 0;
  const watch = createStallWatch(
    (text) => said.push(text),
    () => ms,
  );
  return {
    said,
    watch,
    after: (seconds: number) => {
      ms += seconds * 1000;
      watch.look();
    },
  };
};

test('an import that gets no answer says once that it waits, and once that it goes on', () => {
  const { said, watch, after } = watched();
  watch.sent();
  after(3);
  expect(said).toEqual([]);
  after(2);
  after(10);
  expect(said).toEqual([expect.stringContaining('has not answered for 5 s. The import waits and goes on by itself')]);
  watch.decided();
  expect(said.at(-1)).toBe('The stack answers again; the import goes on.');
  after(60);
  expect(said).toHaveLength(2);
});

test('commands that the log refuses, one after the other, count as no answer', () => {
  const { said, watch, after } = watched();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    watch.sent();
    after(1);
    watch.failed();
    after(1);
  }
  expect(said).toHaveLength(1);
});

test('an import that reads its file for long, with nothing under way, does not wait for the stack', () => {
  const { said, watch, after } = watched();
  after(30);
  watch.sent();
  after(1);
  watch.decided();
  after(30);
  expect(said).toEqual([]);
});
