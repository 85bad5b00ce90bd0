// The oracle itself is held against every published and derived case of tests/cases/waterfall.json.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Inputs } from './terms.ts';
import { oracleWaterfall } from './waterfall.ts';

type Case = { id: string; kind: string; inputs: Inputs; expected: object };
const file = new URL('../cases/waterfall.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };

describe('the oracle of the waterfall', () => {
  it.each(cases.map((each) => [each.id, each] as const))('gives every expected figure of %s', (_, { inputs, expected }) => {
    expect(oracleWaterfall(inputs)).toMatchObject(expected);
  });
});
