// The sums of a test run, read from vitest's JSON report: what `npm test` prints as its last line.
import { z } from 'zod';

export interface TestResults {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});

/**
 * The results of one run of the test runner. A run that fails without a failed test (a file that does not load, an
 * error outside of a test, no report at all) counts as one failure: a sum never looks better than the exit code.
 */
export const resultsOf = ({ exitCode, report }: { readonly exitCode: number; readonly report: string | null }): TestResults => {
  const sums = report === null ? null : Report.parse(JSON.parse(report));
  const failed = sums?.numFailedTests ?? 0;
  return {
    passed: sums?.numPassedTests ?? 0,
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: (sums?.numPendingTests ?? 0) + (sums?.numTodoTests ?? 0),
  };
};

export const addResults = (left: TestResults, right: TestResults): TestResults => ({
  passed: left.passed + right.passed,
  failed: left.failed + right.failed,
  skipped: left.skipped + right.skipped,
});

/** `12 passed, 0 failed`, and the skipped only if there are some. */
export const summaryLine = ({ passed, failed, skipped }: TestResults): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
