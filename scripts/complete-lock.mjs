// Completes package-lock.json after `npm install`: npm leaves out optional platform packages whose metadata the
// registry in use does not carry, and `npm ci` then refuses the lock. Each gets the version its parent asks for and
// the platform its name states, so that `npm ci` skips it here and installs it where it fits.
import { readFileSync, writeFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const platforms = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'aix',
  'win32',
  'windows',
  'wasm32',
];
const cpus = {
  x64: 'x64',
  arm64: 'arm64',
  arm: 'arm',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
};
let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (`node_modules/${name}` in lock.packages) continue;
    const words = name.split(/[/-]/);
    const os = platforms.find((platform) => words.includes(platform)) ?? 'none';
    const cpu =
      Object.keys(cpus).find((candidate) => words.includes(candidate)) ?? (words.includes('ppc64le') ? 'ppc64' : 'none');
    lock.packages[`node_modules/${name}`] = {
      version: range.replace(/^[\^~]/, ''),
      cpu: [os === 'wasm32' ? 'wasm32' : cpu],
      optional: true,
      os: [os === 'windows' ? 'win32' : os],
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([left], [right]) => (left < right ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} optional platform packages completed.`);
