// What is told of a process by its exit and its log: the cause in words, the lines that somebody should see, the end of the file.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainExit } from './exit-cause.ts';
import { openLineLog, openLogFile, tailLogFile } from './log-file.ts';
import { importantText } from './supervisor.ts';

test.each([
  ['{"level":"info","msg":"Started"}', false, null],
  ['{"level":"warn","msg":"Waiting for Postgres"}', false, 'warn: Waiting for Postgres'],
  ['a line of a library', false, null],
  ['a line of a library', true, 'a line of a library'],
])('of the log line %s (on standard error: %s) the screen shows %s', (line, isError, shown) =>
  expect(importantText(line, isError)).toBe(shown),
);

test.each([
  [{ code: 1, signal: null, tail: ['No space left on device'] }, 'it ended with exit code 1: the disk is full; free some space'],
  [
    { code: null, signal: 'SIGKILL' as const, tail: ['all well'] },
    'it was ended by SIGKILL: by hand, or by the system because memory ran out (see dmesg)',
  ],
  [
    { code: 3, signal: null, tail: ['java.lang.OutOfMemoryError: Java heap space'] },
    'it ended with exit code 3: it ran out of memory',
  ],
  [{ code: 7, signal: null, tail: [] }, 'it ended with exit code 7'],
])('the exit %o is explained', (exit, text) => expect(explainExit(exit)).toBe(text));

test('a log file that has grown is put aside, and its end can be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stratcap-log-'));
  const file = join(folder, 'role.log');
  writeFileSync(file, 'x'.repeat(11 * 1024 * 1024));
  writeFileSync(openLogFile(file), 'one\ntwo\nthree\n');
  expect(tailLogFile(file, 2)).toEqual(['two', 'three']);
  expect(existsSync(`${file}.1`)).toBe(true);
  expect(tailLogFile(join(folder, 'missing.log'))).toEqual([]);
  rmSync(folder, { recursive: true });
});

test('a log that grows while it is written is put aside, and no line is lost or cut', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stratcap-log-'));
  const file = join(folder, 'role.log');
  const log = openLineLog(file, 20);
  for (const line of ['first line', 'second line', 'third line']) log.write(line);
  log.close();
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('first line\nsecond line\n');
  expect(readFileSync(file, 'utf8')).toBe('third line\n');
  rmSync(folder, { recursive: true });
});
