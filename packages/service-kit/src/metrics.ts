import { collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { VERSION } from './version.ts';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A registry of its own for each process, with Node's usual metrics, labelled with the service. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: 'spindle_build_info',
    help: 'Always 1; the labels tell what runs.',
    labelNames: ['version', 'node'],
    registers: [registry],
  });
  build.set({ version: VERSION, node: process.version }, 1);
  return registry;
}

/** A metric of a registry, made at the first call: several parts of a process share it. */
export function metricOnce<T extends Metric>(registry: Registry, name: string, make: () => T): T {
  return (registry.getSingleMetric(name) as T | undefined) ?? make();
}
