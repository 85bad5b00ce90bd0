// What `up` and `import` show: steps as they go, one line that is rewritten on a terminal and repeated sparsely elsewhere.

export interface Reporter {
  /** A step of a part; the same part's former step is replaced by it. */
  step(part: string, text: string): void;
  /** A line that stays. */
  line(text: string): void;
  /** Progress of a long piece of work; on a terminal one line that moves, elsewhere a line every few seconds. */
  progress(text: string): void;
  table(rows: readonly (readonly [string, string])[]): void;
}

const sparseMs = 5_000;

/** A reporter on a stream; `isTTY` decides how progress is shown. */
export const createReporter = (stream: NodeJS.WriteStream): Reporter => {
  let open = false;
  let lastAt = 0;
  const clear = (): void => {
    if (open) stream.write('\r\u001b[K');
    open = false;
  };
  const line = (text: string): void => {
    clear();
    stream.write(`${text}\n`);
  };
  return {
    line,
    step: (part, text) => line(`${part.padEnd(12)} ${text}`),
    progress: (text) => {
      if (stream.isTTY) {
        clear();
        stream.write(text);
        open = true;
      } else if (Date.now() - lastAt > sparseMs) {
        lastAt = Date.now();
        stream.write(`${text}\n`);
      }
    },
    table: (rows) => {
      const width = Math.max(...rows.map(([name]) => name.length));
      line('');
      for (const [name, value] of rows) line(`  ${name.padEnd(width)}  ${value}`);
      line('');
    },
  };
};

/** A bar of a fraction between 0 and 1. */
export const bar = (fraction: number, width = 28): string => {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `[${'█'.repeat(full)}${'░'.repeat(width - full)}] ${String(Math.floor(fraction * 100)).padStart(3)} %`;
};

/** Seconds as a person reads them: 45 s, 3 min. */
export const formatDuration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
