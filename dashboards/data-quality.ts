// Whether the data can be trusted: the checks of the warehouse, the findings of the stream, and how far the warehouse has come.
import { columnUnit, dashboard, grid, stat, table } from './grafana/model.ts';

const colour = (
  column: string,
  good: string,
): { matcher: { id: 'byName'; options: string }; properties: { id: string; value: unknown }[] } => ({
  matcher: { id: 'byName', options: column },
  properties: [
    { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
    {
      id: 'mappings',
      value: [
        { type: 'value', options: { [good]: { color: 'green', index: 0 } } },
        { type: 'regex', options: { pattern: '.*', result: { color: 'red', index: 1 } } },
      ],
    },
  ],
});

/** Data quality. */
export const dataQuality = dashboard({
  uid: 'stratcap-data-quality',
  title: 'Data quality',
  description:
    'Checks that add everything up again in the warehouse, findings of the stream, and the position that the warehouse is true for.',
  from: 'now-1y',
  variables: [],
  panels: [
    stat({
      title: 'Checks that fail',
      description: 'Of the checks that the warehouse runs over itself.',
      width: 6,
      height: 5,
      unit: 'count',
      query: table('SELECT countIf(NOT is_passed) AS failing FROM quality_checks'),
    }),
    stat({
      title: 'Open findings',
      description: 'What the continuous checks of the stream found and what still holds.',
      width: 6,
      height: 5,
      unit: 'count',
      query: table('SELECT count() AS findings FROM open_findings'),
    }),
    stat({
      title: 'Facts behind the events',
      description: 'Events in the warehouse whose facts are not yet in it, over all processors and partitions.',
      width: 6,
      height: 5,
      unit: 'count',
      query: table(`
SELECT sum(greatest(toInt64(e.next_offset) - toInt64(f.next_offset), 0)) AS behind
FROM (SELECT source, partition, next_offset FROM watermark FINAL WHERE kind = 'true_for' AND generation = (SELECT max(generation) FROM sink_generation)) AS f
INNER JOIN (SELECT partition, next_offset FROM watermark FINAL WHERE kind = 'read' AND source = 'events' AND generation = (SELECT max(generation) FROM sink_generation)) AS e ON e.partition = f.partition`),
    }),
    stat({
      title: 'Funds',
      description: 'Funds in the warehouse.',
      width: 6,
      height: 5,
      unit: 'count',
      query: table('SELECT count() AS funds FROM dim_fund WHERE is_current'),
    }),
    grid({
      title: 'Checks of the warehouse',
      description: 'Each adds everything up again from the facts; see quality_check_failures for what it finds.',
      width: 24,
      height: 9,
      unit: 'count',
      query: table(
        `SELECT check_name AS "Check", description AS "What holds", failures AS "Failures", if(is_passed, 'passed', 'failed') AS "Result" FROM quality_checks ORDER BY check_name LIMIT 100`,
      ),
      overrides: [colour('Result', 'passed')],
    }),
    grid({
      title: 'What the checks find',
      description: 'Every failure with the value expected and the value found.',
      width: 24,
      height: 9,
      unit: 'count',
      query: table(`
SELECT q.check_name AS "Check", q.severity AS "Severity", f.fund_name AS "Fund", toString(q.subject_id) AS "Subject", q.message AS "What", q.expected AS "Expected", q.actual AS "Found"
FROM quality_check_failures AS q LEFT JOIN (SELECT fund_id, fund_name FROM dim_fund WHERE is_current) AS f ON f.fund_id = q.fund_id
ORDER BY q.check_name, f.fund_name LIMIT 500`),
    }),
    grid({
      title: 'Open findings of the stream',
      description: 'Opened by an event, resolved by a later one.',
      width: 24,
      height: 9,
      unit: 'count',
      query: table(`
SELECT check_name AS "Check", severity AS "Severity", fund_name AS "Fund", message AS "What", expected AS "Expected", actual AS "Found", recorded_at AS "Since"
FROM open_findings ORDER BY recorded_at DESC LIMIT 500`),
    }),
    grid({
      title: 'How far the warehouse has come',
      description:
        'read: records of the topic that are in it; true_for: events that the facts of a processor contain. Figures are true at least as of the lowest.',
      width: 24,
      height: 9,
      unit: 'count',
      query: table(`
SELECT source AS "Source", kind AS "Kind", partition AS "Partition", next_offset AS "Next offset", recorded_at AS "Last recorded"
FROM watermark FINAL WHERE generation = (SELECT max(generation) FROM sink_generation) ORDER BY source, kind, partition LIMIT 500`),
      overrides: [columnUnit('Next offset', 'count')],
    }),
  ],
});
