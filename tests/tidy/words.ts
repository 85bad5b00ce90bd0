// Checks of words: leftovers, words that do not belong to a layer, topics, host names and paths of a machine.
import { isCode, isTestFile, withoutComments, type Finding, type TextFile } from './files.ts';

const matches = (files: readonly TextFile[], pattern: RegExp, problem: string): readonly Finding[] =>
  files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, at) => (pattern.test(line) ? [{ path: `${path}:${at + 1}`, problem }] : [])),
  );

// The patterns are put together, so that this file is no finding of its own.
const leftover = new RegExp(`\\b(?:${['TO', 'FIX', 'XX'].map((start, at) => `${start}${['DO', 'ME', 'X'][at]}`).join('|')})\\b`);
const heldBack = new RegExp(`\\b(?:it|test|describe|suite|bench)\\s*\\.(?:${['only', 'skip', 'todo'].join('|')})\\b`);
const registryHost = new RegExp(
  [
    'registry@npmjs',
    'registry@yarnpkg',
    'npm@pkg@github',
    'repo1?@maven',
    'repo@maven',
    'pypi@org',
    'files@pythonhosted',
    'artifactory@',
    'verdaccio@',
  ]
    .join('|')
    .replaceAll('@', '\\.'),
);
const machinePath = new RegExp(
  `(?:^|[\\s'"\`(=:,])/(?:${['wo', 'fa'].map((start, at) => `${start}${['rk', 'rm'][at]}`).join('|')}|home|Users)/[A-Za-z0-9_.-]`,
);
const fundWord = /fund|investor|commitment|waterfall|capital[ _-]?(?:call|account)/i;
// Words that contain one of these letters and mean something else.
const otherWord = /\b(?:refund\w*|fundament\w*)\b/gi;

/** Work that was put off: a note to do it, or a test that is held back. */
export const findLeftovers = (files: readonly TextFile[]): readonly Finding[] => [
  ...matches(
    files.filter(({ path }) => path !== 'package-lock.json'),
    leftover,
    'a note of work left; do it, or open an issue',
  ),
  ...matches(
    files.filter(({ path }) => isCode(path)),
    heldBack,
    'a test that is held back; mend it or delete it',
  ),
];

/** Words of the business in the plumbing, which serves any business (README files and tests excepted). */
export const findFundWords = (files: readonly TextFile[]): readonly Finding[] =>
  matches(
    files
      .filter(({ path }) => path.startsWith('platform/') && !path.endsWith('.md') && !isTestFile(path))
      .map(({ path, text }) => ({ path, text: text.replace(otherWord, '') })),
    fundWord,
    'a word of funds in platform/; name what the plumbing does, or move the code',
  );

/** Full names of topics outside schemas/topics.ts; documents and tests may quote them. */
export const findTopicLiterals = (files: readonly TextFile[], topics: readonly string[]): readonly Finding[] =>
  matches(
    files
      .filter(({ path }) => isCode(path) && path !== 'schemas/topics.ts' && !path.startsWith('docs/') && !isTestFile(path))
      .map(({ path, text }) => ({ path, text: withoutComments(text) })),
    new RegExp(`\\bstratcap\\.(?:${topics.join('|')})(?![\\w.-])`),
    "a topic by its full name; take topicName(prefix, 'events') of schemas/topics.ts",
  );

/** Names of package registries, and paths of the machine that a file was written on. */
export const findPlaces = (files: readonly TextFile[]): readonly Finding[] => [
  ...matches(files, registryHost, 'the name of a package registry; npm and Maven know their own'),
  ...matches(files, machinePath, 'a path of one machine; make it relative'),
];
