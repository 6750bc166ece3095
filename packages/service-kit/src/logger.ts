import { createRequire } from 'node:module';
import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  destination,
  type LevelWithSilent,
  type Logger,
  pino,
} from 'pino';
import { redactFields, redactText } from './redaction.ts';
import { currentTraceId } from './tracing/spans.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** The process, such as `sync-worker`. */
  readonly service: string;
  readonly level: LevelWithSilent;
  /** Colours and lines for a person at a terminal instead of JSON. Default: see `wantsPretty`. */
  readonly pretty?: boolean;
  /** Where the JSON lines go; default: standard output. */
  readonly destination?: DestinationStream;
}

/** Readable logs are for people: only in development, and only when standard output is a terminal. */
export function wantsPretty(environment: string, stdoutIsTerminal: boolean): boolean {
  return environment === 'development' && stdoutIsTerminal;
}

/**
 * A pino logger in which secrets are removed from fields at any depth, from errors of HTTP clients and
 * from messages. Give requests and jobs their own: `logger.child({ requestId, jobId })`.
 */
export function createLogger(options: LoggerOptions): Logger {
  const logger: Logger = pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const traceId = currentTraceId();
        return traceId === undefined ? {} : { traceId };
      },
      formatters: {
        level: (label) => ({ level: label }),
        bindings: redactFields,
        log: redactFields,
      },
      // The formatter above has already turned errors into plain, clean fields.
      serializers: { err: (value: unknown) => value },
      hooks: {
        logMethod(args, method) {
          const clean: unknown[] = args.map((one) => (typeof one === 'string' ? redactText(one) : one));
          const [first] = clean;
          // Without a message pino takes the error's own, past every formatter.
          if (clean.length === 1 && typeof first === 'object') {
            const error = first instanceof Error ? first : (first as { err?: unknown } | null)?.err;
            if (error instanceof Error) clean.push(redactText(error.message));
          }
          method.apply(this, clean as typeof args);
        },
      },
    },
    options.destination ?? (options.pretty ? prettyStream() : destination({ fd: 1, sync: true })),
  );
  // pino formats the bindings of the root logger only; those of children are cleaned on their way in.
  const { child } = logger;
  Object.defineProperty(logger, 'child', {
    value: function cleanChild(this: Logger, bindings: Bindings, childOptions?: ChildLoggerOptions): Logger {
      return Reflect.apply(child, this, [redactFields(bindings), childOptions]);
    },
  });
  return logger;
}

/** A logger that writes nothing, for tests and tools. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

/** pino-pretty is there in a checkout but not in an image; without it, JSON is fine. */
function prettyStream(): DestinationStream {
  try {
    const load = createRequire(import.meta.url);
    const pretty = load('pino-pretty') as (settings: object) => DestinationStream;
    return pretty({ colorize: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname', sync: true });
  } catch {
    return destination({ fd: 1, sync: true });
  }
}
