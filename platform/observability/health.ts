// What a process says about itself: alive, ready or why not, and the state of its parts.

export type PartState = 'starting' | 'ready' | 'waiting' | 'failed';

export interface HealthPart {
  readonly state: PartState;
  /** Why it is not ready, or what it is doing, as a sentence. */
  readonly detail?: string;
}

export interface HealthReport {
  readonly status: 'ready' | 'not-ready';
  readonly parts: Readonly<Record<string, HealthPart>>;
}

export interface Health {
  /** Says how a part is. Parts appear by being named; a process without parts is ready. */
  set(part: string, health: HealthPart): void;
  /** Ready when every part is. */
  report(): HealthReport;
  /** Called after each change of the report; returns how to stop it. */
  onChange(listener: (report: HealthReport) => void): () => void;
}

/** The health of one process. `parts` names those that must become ready before the process is. */
export const createHealth = (parts: readonly string[] = []): Health => {
  const states = new Map<string, HealthPart>(parts.map((part) => [part, { state: 'starting' }]));
  const listeners = new Set<(report: HealthReport) => void>();
  const report = (): HealthReport => ({
    status: [...states.values()].every(({ state }) => state === 'ready') ? 'ready' : 'not-ready',
    parts: Object.fromEntries(states),
  });
  return {
    set: (part, health) => {
      const known = states.get(part);
      if (known?.state === health.state && known.detail === health.detail) return;
      states.set(part, health);
      for (const listener of listeners) listener(report());
    },
    report,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
