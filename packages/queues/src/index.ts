export { type AlertState, type AlertStore, createAlertStore, type StoredAlert } from './alert-store.ts';
export { firstOccurrence, nextOccurrence, UnusablePattern } from './cron-pattern.ts';
export type { JobFailure } from './failure-reason.ts';
export type { ChildJob, FanOutOutcome } from './fan-out.ts';
export { type Dedupe, defineJob, type JobDefinition, LANES, type Lane } from './job-definition.ts';
export type { RunOutcome } from './job-error-translation.ts';
export { jobIdFromKey, parsePublicJobId } from './job-id.ts';
export type { AddOptions } from './job-options.ts';
export { isFinished, type JobProgress, type JobView } from './job-view.ts';
export { ARTWORK_BATCH } from './jobs/artwork.ts';
export type { ReadingReason } from './jobs/history.ts';
export type { RoomCommand } from './jobs/room-commands.ts';
export {
  createLivePublisher,
  FEED_ROOM,
  type LivePublisher,
  liveAdapterOptions,
  roomAudience,
  userRoom,
} from './live.ts';
export {
  type AddJobOptions,
  createProducer,
  JobPayloadError,
  Producer,
  type ProducerOptions,
  type QueueDepth,
} from './producer.ts';
export { type FailedJob, QueueAdministration } from './queue-administration.ts';
export { createQueueMetrics, observeQueueDepth, type QueueMetrics } from './queue-metrics.ts';
export { createQueueTelemetry, type QueueTelemetry } from './queue-telemetry.ts';
export {
  type AnyRegistry,
  type JobName,
  type PayloadOf,
  type QueueName,
  type Registry,
  type ResultOf,
  registry,
} from './registry.ts';
export type { RunningJob } from './running-job.ts';
export type { Recurrence, ScheduleChanges, ScheduleEntry } from './schedule.ts';
export {
  createWorker,
  createWorkerFor,
  type Handlers,
  type Processor,
  type QueueWorker,
  type WorkerOptions,
} from './worker.ts';
