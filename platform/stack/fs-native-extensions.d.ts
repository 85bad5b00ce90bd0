// The part of fs-native-extensions that we use; the package ships no types.
declare module 'fs-native-extensions' {
  /** Takes an exclusive lock on the open file; false if another descriptor holds it. Needs a writable descriptor. */
  export function tryLock(fd: number): boolean;
  /** Waits for the exclusive lock. */
  export function waitForLock(fd: number): Promise<void>;
  export function unlock(fd: number): void;
}
