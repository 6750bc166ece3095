import {
  beginSpan,
  Counter,
  currentRequestId,
  Histogram,
  isTraced,
  type Logger,
  markFailed,
  metricOnce,
  type Registry,
  SpanKind,
} from '@spindle/service-kit';
import { operationOf, statementName, statementText } from './statement-name.ts';

/** Called when a statement begins; what it gives is called when it has ended, with the error if there was one. */
export type StatementWatch = (text: string) => (error?: unknown) => void;

export interface StatementWatchOptions {
  readonly metrics?: Registry;
  readonly logger?: Logger;
  /** A statement that takes longer is logged, real ms. */
  readonly slowMs: number;
}

const BUCKETS_S = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30];

/** Frames of transactions: measured, but nothing that a trace should show. */
const FRAMES = new Set(['begin', 'commit', 'rollback']);

/** The class of an error: the first two characters of its SQLSTATE, or that none came. */
function classOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[0-9A-Z]{5}$/.test(code) ? code.slice(0, 2) : 'connection';
}

/** Measures statements, logs those that are slow, and makes them part of the trace that they belong to. */
export function createStatementWatch({ metrics, logger, slowMs }: StatementWatchOptions): StatementWatch {
  const duration =
    metrics &&
    metricOnce(
      metrics,
      'spindle_db_statement_duration_seconds',
      () =>
        new Histogram({
          name: 'spindle_db_statement_duration_seconds',
          help: 'How long PostgreSQL took for a statement, waiting for the answer included.',
          labelNames: ['operation'],
          buckets: BUCKETS_S,
          registers: [metrics],
        }),
    );
  const errors =
    metrics &&
    metricOnce(
      metrics,
      'spindle_db_errors_total',
      () =>
        new Counter({
          name: 'spindle_db_errors_total',
          help: 'Statements that failed, by the class of their SQLSTATE, or `connection` without one.',
          labelNames: ['class'],
          registers: [metrics],
        }),
    );
  return (text) => {
    const startedAt = performance.now();
    const operation = operationOf(text);
    // Asked for now: the end may come to another context.
    const requestId = currentRequestId();
    const span =
      isTraced() && !FRAMES.has(operation)
        ? beginSpan({
            name: statementName(text),
            kind: SpanKind.CLIENT,
            attributes: { 'db.system.name': 'postgresql', 'db.query.summary': statementName(text) },
          })
        : undefined;
    return (error) => {
      const ms = performance.now() - startedAt;
      duration?.observe({ operation }, ms / 1_000);
      if (error !== undefined) errors?.inc({ class: classOf(error) });
      if (span && error !== undefined) markFailed(span, error);
      span?.end();
      if (ms >= slowMs) {
        logger?.warn(
          { requestId, statement: statementName(text), sql: statementText(text), ms: Math.round(ms) },
          'a slow statement',
        );
      }
    };
  };
}
