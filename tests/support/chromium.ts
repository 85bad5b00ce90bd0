// The browser of the page's tests: an installed Chromium or Chrome, Debian's package where we may install it, else one
// line that says what to run. A browser is never downloaded from elsewhere.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const MAC = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The line to run when there is no browser. */
export const CHROMIUM_FIX = 'apt-get install -y chromium (or set CHROMIUM_PATH to an installed Chromium or Chrome)';

/** The browser's file: CHROMIUM_PATH, PATH, the macOS applications; null if there is none. */
export const findChromium = (env: NodeJS.ProcessEnv = process.env): string | null => {
  if (env['CHROMIUM_PATH']) return existsSync(env['CHROMIUM_PATH']) ? env['CHROMIUM_PATH'] : null;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const files = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...MAC];
  return files.find((file) => existsSync(file)) ?? null;
};

/** As `findChromium`, for a browser test: throws with the line to run, so that a missing browser fails the test. */
export const requireChromium = (env: NodeJS.ProcessEnv = process.env): string => {
  const found = findChromium(env);
  if (found) return found;
  throw new Error(`There is no Chromium for the tests of the page. Run: ${CHROMIUM_FIX}`);
};

/** Finds it, or installs Debian's package if we are root on a Debian; null if there is none afterwards. */
export const provideChromium = (say: (line: string) => void): string | null => {
  const found = findChromium();
  if (found) return found;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return null;
  say('Installing Chromium from Debian for the tests of the page …');
  const install = (): void => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    });
  };
  try {
    install();
  } catch {
    // The package lists may be missing or old: fetched, then once more.
    try {
      execFileSync('apt-get', ['update', '-q'], { stdio: ['ignore', 'ignore', 'inherit'] });
      install();
    } catch (error) {
      say(`Chromium could not be installed: ${(error as Error).message}`);
    }
  }
  return findChromium();
};
