import { TRACER } from '@spindle/service-kit';
import type { Telemetry } from 'bullmq';

/** What producers and workers take to carry a trace from whoever adds a job to the one who does it. */
export type QueueTelemetry = Telemetry;

/**
 * What a trace may hold of a job. BullMQ would tell more: options with the address of Redis, results, and
 * reasons of failures with names of listeners' playlists in them.
 */
const TOLD = new Set([
  'bullmq.queue.name',
  'bullmq.queue.operation',
  'bullmq.job.name',
  'bullmq.job.id',
  'bullmq.job.attempts.made',
  'bullmq.job.bulk.count',
]);

type Attributes = Parameters<ReturnType<Telemetry['tracer']['startSpan']>['setAttributes']>[0];

const toldOf = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => TOLD.has(name)));

/** Loads the bridge to OpenTelemetry, which nobody else needs; for processes whose tracing has been started. */
export async function createQueueTelemetry(): Promise<QueueTelemetry> {
  const { BullMQOtel } = await import('bullmq-otel');
  const all = new BullMQOtel({ tracerName: TRACER });
  return {
    contextManager: all.contextManager,
    tracer: {
      startSpan(name, options, context) {
        const span = all.tracer.startSpan(name, options, context);
        return {
          setSpanOnContext: (parent) => span.setSpanOnContext(parent),
          setAttribute: (key, value) => span.setAttributes(toldOf({ [key]: value })),
          setAttributes: (attributes) => span.setAttributes(toldOf(attributes)),
          addEvent: (event, attributes = {}) => span.addEvent(event, toldOf(attributes)),
          // Words of an error may hold anything. A job that waits or hands itself back ends by one, too.
          recordException: () => {},
          end: () => span.end(),
        };
      },
    },
  };
}
