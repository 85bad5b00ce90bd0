// Prometheus metrics of one process: a registry of its own, with the figures of Node, and names that all start alike.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';

const PREFIX = 'stratcap_';

/** Name without the prefix (snake_case, unit last: `commit_seconds`, `lag_records`), help text, names of its labels. */
export interface MetricSpec {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface Metrics {
  counter(spec: MetricSpec): Counter<string>;
  gauge(spec: MetricSpec): Gauge<string>;
  /** Buckets in the unit of the metric; without them those for seconds from 1 ms to 10 s. */
  histogram(spec: MetricSpec & { readonly buckets?: readonly number[] }): Histogram<string>;
  readonly contentType: string;
  /** The text that Prometheus reads. */
  text(): Promise<string>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics of one process; every line carries the label `role`. Asking twice for the same name gives the same metric. */
export const createMetrics = (role: string): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
  const once = <Metric>(
    spec: MetricSpec,
    make: (settings: { name: string; help: string; labelNames: string[]; registers: Registry[] }) => Metric,
  ): Metric => {
    const name = PREFIX + spec.name;
    const known = registry.getSingleMetric(name) as Metric | undefined;
    return known ?? make({ name, help: spec.help, labelNames: [...(spec.labels ?? [])], registers: [registry] });
  };
  return {
    counter: (spec) => once(spec, (settings) => new Counter<string>(settings)),
    gauge: (spec) => once(spec, (settings) => new Gauge<string>(settings)),
    histogram: (spec) =>
      once(spec, (settings) => new Histogram<string>({ ...settings, buckets: [...(spec.buckets ?? SECONDS)] })),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
};
