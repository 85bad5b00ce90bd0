// placeholder
import type { Verdict } from './model.ts';
import type { ReadLog } from './log-reader.ts';
import type { Slot } from './slot.ts';
export interface Product {
  readonly topics: readonly string[];
  readonly roles: readonly Slot[];
  begin(): Promise<void>;
  startLoad(): void;
  stopLoad(): Promise<void>;
  killStore(name: 'postgres' | 'clickhouse'): boolean;
  isCaughtUp(log: ReadLog): boolean;
  check(log: ReadLog): Promise<Verdict>;
  stop(): Promise<void>;
}
export const startProduct = (_deps: unknown): Promise<Product> => Promise.reject(new Error('not yet'));
