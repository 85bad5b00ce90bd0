// The last line of `npm test` never looks better than the run was.
import { expect, test } from 'vitest';
import { addResults, resultsOf, summaryLine } from './results.ts';

const report = (numPassedTests: number, numFailedTests: number, numPendingTests = 0): string =>
  JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests: 0, testResults: [] });

test('passed and failed tests are summed over the projects', () => {
  const unit = resultsOf({ exitCode: 0, report: report(40, 0) });
  const int = resultsOf({ exitCode: 1, report: report(7, 2, 1) });
  expect(summaryLine(unit)).toBe('40 passed, 0 failed');
  expect(summaryLine(addResults(unit, int))).toBe('47 passed, 2 failed, 1 skipped');
});

test('a run that fails outside of any test counts as a failure', () => {
  expect(resultsOf({ exitCode: 1, report: report(7, 0) }).failed).toBe(1);
  expect(resultsOf({ exitCode: 1, report: null })).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a project without a matching file adds nothing', () => {
  expect(resultsOf({ exitCode: 0, report: null })).toEqual({ passed: 0, failed: 0, skipped: 0 });
});
