import {
  type Attributes,
  context,
  type Span,
  type SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

export { type Attributes, type Span, SpanKind } from '@opentelemetry/api';

/** Under this name all spans are made; while tracing is off they cost nothing and go nowhere. */
export const TRACER = 'spindle';

/** What a span is called and of what it tells. Attributes hold no ids of people, no queries and no secrets. */
export interface SpanSpec {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes?: Attributes;
}

/** Does something within a span; an error ends it as failed, by the name of the error only. */
export async function inSpan<T>(spec: SpanSpec, work: (span: Span) => Promise<T>): Promise<T> {
  const { name, kind, attributes } = spec;
  return trace
    .getTracer(TRACER)
    .startActiveSpan(name, { kind, ...(attributes && { attributes }) }, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        markFailed(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
}

/** Says that what a span stands for failed. Words of an error may hold anything, its class does not. */
export function markFailed(span: Span, error: unknown): void {
  const type = error instanceof Error ? error.name : 'unknown';
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: type });
}

/** Says so of the span that the code runs in, if there is one. */
export function markCurrentFailed(error: unknown): void {
  const span = trace.getActiveSpan();
  if (span) markFailed(span, error);
}

/** Whether a span runs at this moment that is recorded; parts of one, such as statements, are told only then. */
export function isTraced(): boolean {
  return trace.getActiveSpan()?.isRecording() === true;
}

/** For log lines: the trace that the code runs in; undefined while tracing is off. */
export function currentTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

/** Begins a span beside the running code, for events that end in a callback. */
export function beginSpan(
  { name, kind, attributes }: SpanSpec,
  options: { readonly root?: boolean } = {},
): Span {
  return trace.getTracer(TRACER).startSpan(name, { kind, ...(attributes && { attributes }), ...options });
}

/** Runs something, and all that it begins, within a span that somebody else ends. */
export function runInSpan(span: Span, run: () => void): void {
  context.with(trace.setSpan(context.active(), span), run);
}
