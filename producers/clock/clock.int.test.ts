// The clock against the real broker and the real ledger: a day begins once in every partition, however often it is sent.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BusinessDateAdvanced } from '#domain/messages.ts';
import { partitions, startIntakeSystem, tenantId, type IntakeSystem } from '#tests/support/intake-system.ts';
import { advanceClock } from './clock.ts';

const byText = (left: string, right: string): number => (left < right ? -1 : 1);

let system: IntakeSystem;
beforeAll(async () => {
  system = await startIntakeSystem();
});
afterAll(() => system.stop());

test('business days begin in every partition, in order and once', async () => {
  const clock = {
    submit: async (command: Parameters<IntakeSystem['intake']['submit']>[0]) => await system.intake.submit(command),
    partitions,
    tenantId,
    nowMs: Date.now,
  };
  const days = { from: '2026-07-02', to: '2026-07-06' };
  expect(await advanceClock(clock, days)).toMatchObject({ began: 3 * partitions, known: 0, refused: 0, pending: 0 });
  expect(await advanceClock(clock, days)).toMatchObject({ began: 0, known: 3 * partitions, refused: 0, pending: 0 });
  const booked = (await system.eventsOnLog()).map(({ value, record }) => {
    const { business_date, partition } = value as unknown as BusinessDateAdvanced;
    return [record.partition, partition, record.key?.toString(), business_date].join(' ');
  });
  const expected = Array.from({ length: partitions }, (_, partition) =>
    ['2026-07-02', '2026-07-03', '2026-07-06'].map((date) => `${partition} ${partition} clock-${partition} ${date}`),
  ).flat();
  expect(booked.sort(byText)).toEqual(expected.sort(byText));
});
