import { TRACER } from '@spindle/service-kit';
import type { Telemetry } from 'bullmq';

/** What producers and workers take to carry a trace from whoever adds a job to the one who does it. */
export type QueueTelemetry = Telemetry;

/** Loads the bridge to OpenTelemetry, which nobody else needs; for processes whose tracing has been started. */
export async function createQueueTelemetry(): Promise<QueueTelemetry> {
  const { BullMQOtel } = await import('bullmq-otel');
  return new BullMQOtel({ tracerName: TRACER });
}
