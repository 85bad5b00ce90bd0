// Which browser the tests of the page take, and what they say when there is none.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findChromium, requireChromium } from './chromium.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stratcap-chromium-'));
  file = join(folder, 'chromium');
  writeFileSync(file, '');
  chmodSync(file, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('an installed browser is found in PATH', () => {
  expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(file);
});

test('CHROMIUM_PATH decides, and a browser that is not there is not replaced by another one', () => {
  expect(findChromium({ CHROMIUM_PATH: file, PATH: '' })).toBe(file);
  expect(findChromium({ CHROMIUM_PATH: join(folder, 'missing'), PATH: folder })).toBeNull();
});

test('without a browser a test fails with the line to run', () => {
  expect(() => requireChromium({ CHROMIUM_PATH: join(folder, 'missing') })).toThrow('Run: apt-get install -y chromium');
});
