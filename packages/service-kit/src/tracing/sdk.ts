import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingConfig } from '../topics.ts';
import { VERSION } from '../version.ts';

/** Spans wait this long at most until they are sent, ms. */
const SEND_EVERY_MS = 2_000;

/**
 * Samples what begins with a request or a job. Queues also look for work by themselves, again and again,
 * which begins traces of its own that nobody wants to see.
 */
function sampler(ratio: number): Sampler {
  const chosen = new TraceIdRatioBasedSampler(ratio);
  const root: Sampler = {
    shouldSample: (parent, traceId, _name, kind) =>
      kind === SpanKind.INTERNAL
        ? { decision: SamplingDecision.NOT_RECORD }
        : chosen.shouldSample(parent, traceId),
    toString: () => `Begun(${chosen.toString()})`,
  };
  return new ParentBasedSampler({ root });
}

/** Everything of the SDK that is needed, as the process's own OpenTelemetry. */
export function openTracing(
  service: string,
  config: TracingConfig & { readonly endpoint: string },
): { close(): Promise<void> } {
  const exporter = new OTLPTraceExporter({
    url: `${config.endpoint}/v1/traces`,
    headers: { ...config.headers },
  });
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': service,
        'service.namespace': 'spindle',
        'service.version': VERSION,
      }),
    ),
    sampler: sampler(config.ratio),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: SEND_EVERY_MS })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return { close: () => provider.shutdown() };
}
