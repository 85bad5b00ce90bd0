// All dashboards, and the files that Grafana reads.
import { callsAndDistributions } from './calls-and-distributions.ts';
import { dataQuality } from './data-quality.ts';
import { fundOverview } from './fund-overview.ts';
import { fundPerformance } from './fund-performance.ts';
import type { Dashboard } from './grafana/model.ts';

export const dashboards: readonly Dashboard[] = [fundOverview, callsAndDistributions, fundPerformance, dataQuality];

/** The files of dashboards/json by name; a test holds them equal to what is committed. */
export const dashboardFiles = (): readonly { readonly name: string; readonly text: string }[] =>
  dashboards.map((dashboard) => ({
    name: `${dashboard.uid.replace('stratcap-', '')}.json`,
    text: `${JSON.stringify(dashboard, null, 2)}\n`,
  }));
