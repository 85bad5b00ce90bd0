// GET /v1/quality-findings: what the continuous checks of the data found.
import { z } from 'zod';
import { findingStatusValues, severityValues } from '#domain/messages.ts';
import { columnSet, kinds, told } from '../columns.ts';
import type { Api, RouteDeps } from '../deps.ts';
import type { List } from '../list-route.ts';
import { registerList } from '../list-route.ts';
import { uuid } from '../shapes.ts';

const finding = columnSet({
  finding_id: kinds.id,
  check_name: kinds.text,
  fund_id: kinds.idOrNull,
  subject_id: told(kinds.idOrNull, 'What it is about.'),
  severity: kinds.text,
  status: told(kinds.text, 'RESOLVED once the check holds again.'),
  message: kinds.text,
  expected: kinds.textOrNull,
  actual: kinds.textOrNull,
  recorded_at: kinds.instant,
});

export const qualityFindings = {
  path: '/v1/quality-findings',
  operationId: 'listQualityFindings',
  tag: 'findings',
  summary: 'Findings of the checks of the data, latest first',
  name: 'quality_findings',
  sources: ['quality'],
  row: finding.shape,
  select: finding.select('r'),
  from: 'quality_findings r',
  filters: {
    fund_id: { schema: uuid, where: (place) => `r.fund_id = ${place}` },
    status: { schema: z.enum(findingStatusValues), where: (place) => `r.status = ${place}` },
    severity: { schema: z.enum(severityValues), where: (place) => `r.severity = ${place}` },
    check_name: { schema: z.string().max(60), where: (place) => `r.check_name = ${place}` },
  },
  order: { column: 'r.recorded_at', type: 'timestamptz', direction: 'desc', id: 'r.finding_id' },
  key: ['recorded_at', 'finding_id'],
} satisfies List<typeof finding.shape>;

/** Registers the list of quality findings. */
export const registerQuality = (app: Api, deps: RouteDeps): void => registerList(app, deps, qualityFindings);
