// Checks of the documents: links, titles, lengths, and the glossary against the schemas.
import { posix } from 'node:path';
import type { Finding, TextFile } from './files.ts';

const withoutCodeBlocks = (text: string): string => text.replace(/^\s*```[\s\S]*?^\s*```/gm, '');
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const markdown = (files: readonly TextFile[]): readonly TextFile[] => files.filter(({ path }) => path.endsWith('.md'));

/** Relative links of Markdown files to files or headings that do not exist. `paths` is every path of the repository. */
export const findDeadLinks = (files: readonly TextFile[], paths: readonly string[]): readonly Finding[] => {
  const known = new Set(paths.flatMap((path) => path.split('/').map((_part, at, parts) => parts.slice(0, at + 1).join('/'))));
  const headings = new Map(
    markdown(files).map(({ path, text }) => [
      path,
      new Set([...withoutCodeBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading))),
    ]),
  );
  return markdown(files).flatMap(({ path, text }) =>
    [...withoutCodeBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']): readonly Finding[] => {
      if (/^[a-z]+:/i.test(link)) return [];
      const [file = '', heading] = link.split('#');
      const target = file === '' ? path : posix.join(posix.dirname(path), file).replace(/\/$/, '');
      if (!known.has(target)) return [{ path, problem: `links to ${link}, which does not exist` }];
      const found = headings.get(target);
      return heading === undefined || found === undefined || found.has(heading)
        ? []
        : [{ path, problem: `links to ${link}, but ${target} has no such heading` }];
    }),
  );
};

/** Markdown files that have no title, or more than one. */
export const findWrongTitles = (files: readonly TextFile[]): readonly Finding[] =>
  markdown(files).flatMap(({ path, text }) => {
    const titles = withoutCodeBlocks(text).match(/^# \S/gm)?.length ?? 0;
    return titles === 1 ? [] : [{ path, problem: `has ${titles} titles (# Title); a document has one` }];
  });

/** Documents that nobody would read to the end: ARCHITECTURE.md over 200 lines, the README of a folder over 60. */
export const findLongDocuments = (files: readonly TextFile[]): readonly Finding[] =>
  markdown(files).flatMap(({ path, text }) => {
    const linesMax = path === 'ARCHITECTURE.md' ? 200 : path.endsWith('/README.md') ? 60 : Infinity;
    const lines = text.trimEnd().split('\n').length;
    return lines <= linesMax ? [] : [{ path, problem: `has ${lines} lines; ${linesMax} are what a reader takes in` }];
  });

/** The words of the glossary with the names of the schemas that stand for them. */
export const readGlossary = (
  text: string,
): readonly { readonly word: string; readonly meaning: string; readonly names: readonly string[] }[] =>
  [...text.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]*) ?\|$/gm)]
    .map(([, word = '', meaning = '', names = '']) => ({
      word: word.trim(),
      meaning: meaning.trim(),
      names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    }))
    .filter(({ word }) => word !== 'word' && !/^-+$/.test(word));

/** What is wrong with a glossary: words twice, out of order or without a sentence, and names that the schemas do not agree with. */
export const findGlossaryFaults = (
  text: string,
  schemas: { readonly types: ReadonlySet<string>; readonly fields: ReadonlySet<string> },
): readonly Finding[] => {
  const rows = readGlossary(text);
  const problems: string[] = [];
  const seenWords = new Set<string>();
  const ownerOf = new Map<string, string>();
  for (const { word, meaning, names } of rows) {
    if (seenWords.has(word.toLowerCase())) problems.push(`"${word}" stands there twice; one word means one thing`);
    seenWords.add(word.toLowerCase());
    if (!meaning.endsWith('.')) problems.push(`"${word}" is not explained by a sentence with a full stop`);
    for (const name of names) {
      const owner = ownerOf.get(name);
      if (owner !== undefined) problems.push(`\`${name}\` stands for "${owner}" and for "${word}"; one thing has one word`);
      ownerOf.set(name, word);
      if (!schemas.types.has(name) && !schemas.fields.has(name))
        problems.push(`\`${name}\` of "${word}" is no type or field of schemas/`);
    }
  }
  for (const type of schemas.types)
    if (!ownerOf.has(type)) problems.push(`the type \`${type}\` of schemas/ has no word; add it to a row`);
  return problems.map((problem) => ({ path: 'docs/glossary.md', problem }));
};
