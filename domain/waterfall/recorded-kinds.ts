// How the waterfall calls the kinds of distributions that the log records.
import type { DistributionKind as RecordedKind } from '../messages.ts';
import type { DistributionKind } from './flows.ts';

export const waterfallKinds: Readonly<Record<RecordedKind, DistributionKind>> = {
  UNKNOWN: 'ordinary',
  ORDINARY: 'ordinary',
  TAX: 'tax',
  CURRENT_INCOME: 'current-income',
  IN_KIND: 'in-kind',
};
