// What the four engines have in common: their names, what is told about them, and what it takes to run one.
import type { KeptProcess, ProcessState } from '#platform/process/keep-alive.ts';

export const ENGINE_NAMES = ['postgres', 'kafka', 'clickhouse', 'registry'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** One engine as `status` shows it. `external` engines are replaced by their variable: no process, no log. */
export interface EngineHandle {
  readonly name: EngineName;
  readonly kind: 'embedded' | 'external';
  readonly address: string;
  readonly pid: number | null;
  readonly state: ProcessState;
  readonly restarts: number;
  readonly logFile: string | null;
}

/** One line of progress. `kind` lets a program pick; `message` is a whole sentence for a person. */
export interface EngineProgress {
  readonly engine: EngineName | 'stack';
  readonly kind: 'download' | 'prepare' | 'starting' | 'ready' | 'died' | 'stopped' | 'external' | 'left-over';
  readonly message: string;
}

/** A start that cannot go on, told to the user: the message names the cause and the fix, and nothing is left running. */
export class StackFailure extends Error {
  readonly code:
    | 'STACK_JDK_MISSING'
    | 'STACK_MAVEN_MISSING'
    | 'STACK_DOWNLOAD_FAILED'
    | 'STACK_PORT_BUSY'
    | 'STACK_DISK_FULL'
    | 'STACK_LOCKED'
    | 'STACK_UNREACHABLE'
    | 'STACK_SETTING_INVALID'
    | 'STACK_POSTGRES_USER'
    | 'STACK_DATA_INVALID';
  constructor(code: StackFailure['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The handle of an embedded engine, read from its kept process at each access. */
export const embeddedHandle = (name: EngineName, address: string, kept: KeptProcess): EngineHandle => ({
  name,
  kind: 'embedded',
  address,
  logFile: kept.logFile,
  get pid() {
    return kept.pid;
  },
  get state() {
    return kept.state;
  },
  get restarts() {
    return kept.restarts;
  },
});
