// `stratcap generate`: whole fund lives as a file of commands, for tests, demonstrations and benchmarks.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { CommandType } from '#domain/messages.ts';
import { loadMessageSchemas } from '#schemas/load.ts';
import type { Coverage } from '../../producers/generator/coverage.ts';
import { generate, type GenerateOptions } from '../../producers/generator/generate.ts';
import { bar, type Reporter } from '../reporter.ts';

export interface GenerateResult extends Coverage {
  readonly path: string;
}

/** Generates a file and measures its coverage. */
export const runGenerate = async (path: string, options: GenerateOptions, reporter: Reporter): Promise<GenerateResult> => {
  const types = [...loadMessageSchemas().values()]
    .filter(({ folder }) => folder === 'commands')
    .map(({ schema }) => String(schema['name']) as CommandType);
  const { lines, coverage } = generate(options, types, (made) =>
    reporter.progress(`${bar(made / options.funds)} ${made} of ${options.funds} funds`),
  );
  const file = createWriteStream(path);
  for (const line of lines()) if (!file.write(`${line}\n`)) await once(file, 'drain');
  file.end();
  await finished(file);
  return { path, ...coverage };
};

/** The coverage as a person reads it. */
export const generateText = ({
  path,
  funds,
  commands,
  byCommandType,
  fundsByTerm,
  backDated,
  corrected,
  currencies,
  ...rest
}: GenerateResult): string => {
  const table = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, times]) => `  ${name.padEnd(28)} ${String(times).padStart(8)}`)
      .join('\n');
  const share = (part: number): string => `${((100 * part) / Math.max(1, commands)).toFixed(1)} %`;
  return [
    `${path}: ${commands} commands of ${funds} funds, the largest with ${rest.investorsOfLargestFund} investors, in ${currencies.join(', ')}.`,
    `Back-dated ${share(backDated)}, corrections ${share(corrected)}.`,
    'Commands by type:',
    table(byCommandType),
    'Funds by term:',
    table(fundsByTerm),
    rest.shortfalls.length === 0
      ? 'The coverage is complete.'
      : `The coverage falls short:\n${rest.shortfalls.map((line) => `  ${line}`).join('\n')}`,
  ].join('\n');
};
