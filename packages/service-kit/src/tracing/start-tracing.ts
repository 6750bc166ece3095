import type { ServiceScope } from '../lifecycle.ts';
import type { TracingConfig } from '../topics.ts';

/**
 * Sends traces to an OpenTelemetry collector, when one is configured; else nothing of OpenTelemetry's SDK is
 * even loaded. Call it before whatever makes spans; they are sent out to the last when the service stops.
 *
 * @returns whether there are traces.
 */
export async function startTracing(scope: ServiceScope, config: TracingConfig): Promise<boolean> {
  const { endpoint } = config;
  if (endpoint === undefined) return false;
  const { openTracing } = await import('./sdk.ts');
  scope.own('traces', openTracing(scope.name, { ...config, endpoint }), (one) => one.close());
  return true;
}
