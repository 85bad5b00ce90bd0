// Which letters a command is about: `--filter NAME=VALUE`, several of them together.
import { CommandFailure, exitCodes } from '../failure.ts';
import type { DeadLetter } from './letter.ts';

type Matches = (letter: DeadLetter) => boolean;

const instantOf = (name: string, value: string): number => {
  const ms = Date.parse(value);
  if (Number.isNaN(ms))
    throw new CommandFailure(
      `--filter ${name}=${value}: ${JSON.stringify(value)} is no time; write an ISO instant such as 2026-01-31T09:00:00Z.`,
      exitCodes.usage,
    );
  return ms;
};

const filters: Readonly<Record<string, (value: string) => Matches>> = {
  topic: (value) => (letter) => letter.source.topic === value || letter.source.topic.endsWith(`.${value}`),
  partition: (value) => (letter) => String(letter.source.partition) === value,
  reason: (value) => (letter) => letter.reason === value,
  'schema-id': (value) => (letter) => letter.schemaId === value,
  processor: (value) => (letter) => letter.processor === value,
  'code-version': (value) => (letter) => letter.codeVersion === value,
  since: (value) => {
    const from = instantOf('since', value);
    return (letter) => letter.atMs >= from;
  },
  until: (value) => {
    const to = instantOf('until', value);
    return (letter) => letter.atMs < to;
  },
};

/** Names that a filter can have, for the help. */
export const filterNames = Object.keys(filters);

/** All filters as one. @throws CommandFailure when one has no such name or value. */
export const parseFilters = (texts: readonly string[]): Matches => {
  const all = texts.map((text) => {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (filter === undefined || at < 0)
      throw new CommandFailure(
        `--filter ${JSON.stringify(text)} is not NAME=VALUE with a NAME of ${filterNames.join(', ')}.`,
        exitCodes.usage,
      );
    return filter(text.slice(at + 1));
  });
  return (letter) => all.every((matches) => matches(letter));
};
