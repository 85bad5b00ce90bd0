import { expect, test } from 'vitest';
import { loadCodec } from '#schemas/released.ts';
import { processorsByRole } from './processors.ts';
import { roleNames } from './role-names.ts';

/** Roles that run no processor. */
const others = ['sink-postgres', 'sink-clickhouse', 'api', 'alerts', 'clock'];

test('every role runs processors that are told of, or is known to run none', () => {
  const shapes = processorsByRole({ codec: loadCodec(), partitions: 8 });
  expect([...Object.keys(shapes), ...others].toSorted()).toEqual(roleNames.toSorted());
  const names = Object.values(shapes).flatMap((processors) => processors.map(({ name }) => name as string));
  expect(new Set(names).size).toBe(names.length);
});
