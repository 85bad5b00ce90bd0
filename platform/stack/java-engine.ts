// What both Java engines have in common: their files, their data folder, and options of the virtual machine for a quick start.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { classArchive, type ClassArchive } from './class-archive.ts';
import type { Jdk } from './jdk.ts';

export interface JavaEngineFiles {
  readonly jdk: Jdk;
  /** Folder with the engine's jars. */
  readonly files: string;
  readonly data: string;
  readonly archive: ClassArchive;
  /** For every run of `java` for this engine; the heap and the archive are not among them. */
  readonly options: readonly string[];
}

/** Makes the engine's data folder and an empty temporary folder in it: native libraries are unpacked there, not into the system's. */
export const javaEngineFiles = ({
  jdk,
  files,
  data,
}: {
  readonly jdk: Jdk;
  readonly files: string;
  readonly data: string;
}): JavaEngineFiles => {
  const temporary = join(data, 'tmp');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  return {
    jdk,
    files,
    data,
    archive: classArchive({ jdk, files, data }),
    options: [
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-XX:+ExitOnOutOfMemoryError',
      '-XX:-UsePerfData',
      '-Djava.awt.headless=true',
      `-Djava.io.tmpdir=${temporary}`,
    ],
  };
};
