// The released schemas keep their compatibility, and the check bites.
import { expect, test } from 'vitest';
import type { ReleasedSchema } from '../codec.ts';
import { readReleased } from '../released.ts';
import { incompatibilities, levelOf } from './compatibility.ts';
import { subjectsOf } from './subjects.ts';

const version = (id: number, kind: string, fields: readonly unknown[]): ReleasedSchema => ({
  id,
  fullName: `stratcap.${kind}.Trial`,
  schema: { type: 'record', namespace: `stratcap.${kind}`, name: 'Trial', fields },
});
const text = { name: 'a', type: 'string' };
const optional = { name: 'b', type: ['null', 'string'], default: null };
const demanded = { name: 'b', type: 'string' };

test('every released version of an event reads every other one, and a command every earlier one', () => {
  expect(incompatibilities(readReleased())).toEqual([]);
});

test('every released schema stands on a topic, under one subject, with a pinned id of its own', () => {
  const released = readReleased();
  expect(released.filter(({ fullName }) => levelOf(fullName) === null)).toEqual([]);
  // A record that stands on several topics (the progress of the processors) has a subject under each.
  expect([...new Set(subjectsOf(released, 'x.').map((subject) => subject.released.id))]).toEqual(released.map(({ id }) => id));
  expect(new Set(released.map(({ id }) => id)).size).toBe(released.length);
  expect(subjectsOf(released, 'x.').map((subject) => subject.name)).toContain('x.events-stratcap.event.FundCreated');
});

test('a new optional field is compatible', () => {
  expect(incompatibilities([version(1, 'event', [text]), version(2, 'event', [text, optional])])).toEqual([]);
});

test.each([
  ['a new field without a default', [text, demanded]],
  ['a field of another type', [{ name: 'a', type: 'int' }]],
])('%s is incompatible with earlier events and commands', (_, fields) => {
  const found = (kind: string) =>
    incompatibilities([version(1, kind, [text]), version(2, kind, fields)]).map(({ readerId, writerId }) => [readerId, writerId]);
  expect(found('event')).toContainEqual([2, 1]);
  expect(found('command')).toEqual([[2, 1]]);
});

test('a removed field without a default breaks older readers of events, which commands may', () => {
  expect(
    incompatibilities([version(1, 'event', [text, demanded]), version(2, 'event', [text])]).map(({ readerId, writerId }) => [
      readerId,
      writerId,
    ]),
  ).toEqual([[1, 2]]);
  expect(incompatibilities([version(1, 'command', [text, demanded]), version(2, 'command', [text])])).toEqual([]);
});

test('a new symbol is compatible only when the enum has a default', () => {
  const status = (symbols: readonly string[], extra: object) => [
    { name: 's', type: { type: 'enum', name: 'S', symbols, ...extra }, ...('default' in extra ? { default: 'UNKNOWN' } : {}) },
  ];
  const pair = (extra: object) => [
    version(1, 'event', status(['UNKNOWN', 'A'], extra)),
    version(2, 'event', status(['UNKNOWN', 'A', 'B'], extra)),
  ];
  expect(incompatibilities(pair({ default: 'UNKNOWN' }))).toEqual([]);
  expect(incompatibilities(pair({})).map(({ readerId, writerId }) => [readerId, writerId])).toEqual([[1, 2]]);
});
