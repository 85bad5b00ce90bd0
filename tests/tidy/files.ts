// The text files of the repository, as the checks of tests/tidy.test.ts read them.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A text file: path from the root of the repository with forward slashes, and its content. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** What a check found: where, and what to do about it. */
export interface Finding {
  readonly path: string;
  readonly problem: string;
}

export const root = fileURLToPath(new URL('../../', import.meta.url));
// What is not ours (packages), made by running (data folders, build output) or not text.
const ignoredFolders = new Set(['node_modules', '.git', '.stratcap', 'coverage', 'tmp', 'target', '__pycache__', '.venv']);
const textFile =
  /(?:\.(?:ts|js|mjs|py|sql|md|json|avsc|yaml|yml|css|html|svg|xml|properties|sh)|\/run|Dockerfile|\.env\.example|\.npmrc|\.gitignore)$/;

const walk = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ignoredFolders.has(entry.name) ? [] : walk(path);
    return entry.isFile() ? [path] : [];
  });

/** Every path of the repository, text or not. */
export const allPaths = (): readonly string[] => walk('').toSorted();

/** Every text file of the repository with its content. */
export const textFiles = (): readonly TextFile[] =>
  allPaths()
    .filter((path) => textFile.test(`/${path}`))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** Whether a file serves tests alone; it may cross the layers, and the product may not import it. */
export const isTestFile = (path: string): boolean =>
  /^(?:tests|bench)\//.test(path) || /\.(?:test|fixture)\.ts$/.test(path) || /\/testing\//.test(path);

/** Whether a file is a program of ours. */
export const isCode = (path: string): boolean => /\.(?:ts|js|mjs)$/.test(path);

/** A program without its comments; good enough for our own formatted code, not a parser. */
export const withoutComments = (text: string): string =>
  text
    .replace(/^\s*\/\*[\s\S]*?\*\//gm, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\s\/\/\s.*$/gm, '');
