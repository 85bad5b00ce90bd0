// No program is longer than what a reader can hold.
import { isCode, isTestFile, type Finding, type TextFile } from './files.ts';

const linesMax = 400;

/** Files that may be longer, with the reason. */
export const longFiles: Readonly<Record<string, string>> = {
  'domain/messages.ts': 'generated from the schemas',
};

/** Programs over 400 lines, tests and the listed ones excepted; and listed ones that are no longer so long. */
export const findLongFiles = (
  files: readonly TextFile[],
  allowed: Readonly<Record<string, string>> = longFiles,
): readonly Finding[] => {
  const lengths = new Map(
    files
      .filter(({ path }) => isCode(path) && !isTestFile(path))
      .map(({ path, text }) => [path, text.trimEnd().split('\n').length]),
  );
  const long = [...lengths].filter(([path, lines]) => lines > linesMax && allowed[path] === undefined);
  const idle = Object.keys(allowed).filter((path) => (lengths.get(path) ?? 0) <= linesMax);
  return [
    ...long.map(([path, lines]) => ({
      path,
      problem: `has ${lines} lines; part it by what changes together (at most ${linesMax})`,
    })),
    ...idle.map((path) => ({ path, problem: 'is excepted from the limit of lines without need; delete the exception' })),
  ];
};
