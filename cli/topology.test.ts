import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadCodec } from '#schemas/released.ts';
import { describeSystem, topologyDocument, topologyMermaid, topologyText } from './topology.ts';

const topology = describeSystem({ codec: loadCodec(), topicPrefix: 'stratcap.', partitions: 8 });

test('docs/topology.md is the topology that runs; run npm run generate when this fails', () => {
  expect(readFileSync(new URL('../docs/topology.md', import.meta.url), 'utf8')).toBe(topologyDocument(topology));
});

test('the ledger reads commands, looks ids up, and is the only one that writes events', () => {
  expect(topology.parts.filter(({ writes }) => writes.includes('events')).map(({ name }) => name)).toEqual(['ledger']);
  const text = topologyText(topology);
  expect(text).toContain('processor ledger\n  reads     stratcap.commands\n  looks up  ');
  expect(text).toContain('position in group stratcap.ledger');
});

test('no definition contradicts itself', () => {
  expect(topology.parts.flatMap(({ name, problems = [] }) => problems.map((problem) => `${name}: ${problem}`))).toEqual([]);
});

test('every topic that somebody reads is written by somebody', () => {
  const written = new Set(topology.parts.flatMap(({ writes }) => writes));
  for (const { name, reads, looksUp } of topology.parts)
    for (const topic of [...reads, ...looksUp]) expect([...written], `${name} reads ${topic}`).toContain(topic);
});

test('the chart names each topic and each part once', () => {
  const nodes = topologyMermaid(topology)
    .split('\n')
    .flatMap((line) => /^ +(\w+)(?:\[\[|\(\[)/.exec(line)?.[1] ?? []);
  expect(new Set(nodes).size).toBe(nodes.length);
  for (const { name } of topology.parts) expect(nodes).toContain(`p_${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`);
});
