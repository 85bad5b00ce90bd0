// Why a process died, in words, from what the system says and from the last lines of its log.

/** The likely cause of an exit as half a sentence that names the fix where one is known. */
export const explainExit = ({
  code,
  signal,
  tail,
}: {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tail: readonly string[];
}): string => {
  const how = signal ? `it was ended by ${signal}` : `it ended with exit code ${code ?? 'unknown'}`;
  const known = CAUSES.find(({ pattern }) => tail.some((line) => pattern.test(line)));
  if (known) return `${how}: ${known.cause}`;
  if (signal === 'SIGKILL') return `${how}: by hand, or by the system because memory ran out (see dmesg)`;
  return how;
};

const CAUSES: readonly { readonly pattern: RegExp; readonly cause: string }[] = [
  { pattern: /no space left on device|disk quota exceeded/i, cause: 'the disk is full; free some space' },
  { pattern: /address already in use|EADDRINUSE/i, cause: 'another program took its port' },
  { pattern: /OutOfMemoryError|cannot allocate memory|out of memory/i, cause: 'it ran out of memory' },
  { pattern: /read-only file system/i, cause: 'the file system is read-only' },
  { pattern: /permission denied/i, cause: 'it may not read or write one of its files' },
  {
    pattern: /lock file .* already exists|another server instance|failed to acquire lock/i,
    cause: 'another process still holds its data',
  },
  { pattern: /UnsupportedClassVersionError/, cause: 'the JDK is too old; version 21 or newer is needed' },
];
