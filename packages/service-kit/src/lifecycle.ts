import { ConfigError } from './config.ts';
import { type Logger, silentLogger } from './logger.ts';

/** What a service's start function gets: the place where everything that must be closed is named. */
export interface ServiceScope {
  readonly name: string;
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal;
  /** The logger that tells of start and stop; until it is set, nothing is told. */
  useLogger(logger: Logger): void;
  /**
   * Registers a resource at its creation and returns it. Releases run one after another in the reverse
   * order, so whatever was built on another is closed before it.
   */
  own<T>(name: string, resource: T, release: (resource: T) => unknown): T;
  /** Asks the whole service to stop, as a signal would; for conditions it cannot go on with. */
  fail(error: unknown): void;
}

export type StartService = (scope: ServiceScope) => Promise<void>;

export interface RunningService {
  readonly name: string;
  /** Resolves with an error when the service asked for its own end by `fail`. */
  readonly failed: Promise<unknown>;
  /** Begins to stop (idempotent) and resolves when everything was released. */
  stop(reason: string): Promise<void>;
}

class Scope implements ServiceScope {
  readonly name: string;
  readonly failed: Promise<unknown>;
  logger: Logger = silentLogger();
  readonly #controller = new AbortController();
  readonly #releases: { name: string; release: () => unknown }[] = [];
  readonly #fail: (error: unknown) => void;
  #stopped: Promise<void> | undefined;

  constructor(name: string) {
    this.name = name;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.failed = promise;
    this.#fail = resolve;
  }

  get stopping(): AbortSignal {
    return this.#controller.signal;
  }

  useLogger(logger: Logger): void {
    this.logger = logger;
  }

  own<T>(name: string, resource: T, release: (resource: T) => unknown): T {
    this.#releases.push({ name, release: () => release(resource) });
    return resource;
  }

  fail(error: unknown): void {
    this.#fail(error);
  }

  stop(reason: string): Promise<void> {
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  async #stop(reason: string): Promise<void> {
    this.logger.info({ reason }, 'stopping');
    this.#controller.abort(new Error(`The service is stopping (${reason}).`));
    for (const { name, release } of this.#releases.reverse()) {
      try {
        await release();
      } catch (error) {
        // The others must be closed all the same.
        this.logger.error({ err: error, resource: name }, 'a resource did not close');
      }
    }
    this.logger.info('stopped');
  }
}

/**
 * Starts a service without touching the process, for tests and for several services in one process.
 * When `start` throws, what it had already created is released and the error comes back.
 */
export async function startService(name: string, start: StartService): Promise<RunningService> {
  const scope = new Scope(name);
  try {
    await start(scope);
  } catch (error) {
    await scope.stop('start failed');
    throw error;
  }
  scope.logger.info('started');
  return { name, failed: scope.failed, stop: (reason) => scope.stop(reason) };
}

/** The part of Node's `process` that a service's life depends on. */
export interface ProcessHost {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  exit(code: number): void;
  /** Writes to standard error. */
  print(text: string): void;
  /** True when a parent process holds an IPC channel to this one. */
  readonly hasParentChannel: boolean;
}

export function nodeProcess(): ProcessHost {
  return {
    on: (event, listener) => process.on(event, listener),
    off: (event, listener) => process.off(event, listener),
    exit: (code) => process.exit(code),
    print: (text) => process.stderr.write(text),
    hasParentChannel: process.channel !== undefined && process.channel !== null,
  };
}

export interface RunOptions {
  /** How long a stop may take before the process is ended anyway, in ms (default 25 000). */
  readonly graceMs?: number;
  /**
   * Signals this soon after the first are the same wish (default 500 ms): Ctrl-C reaches a process both
   * from the terminal and from the parent that passes it on.
   */
  readonly sameSignalMs?: number;
  readonly host?: ProcessHost;
}

/** `EX_CONFIG` of sysexits.h: supervisors can tell a wrong configuration from a crash. */
export const EXIT_CONFIG = 78;

/**
 * Runs a service as the life of this process. Signals (SIGTERM, SIGINT) and the loss of the parent
 * that started it stop it in order; a second signal, or a stop longer than `graceMs`, ends it at once.
 * Exit codes: 0 stopped, 1 failed, 78 wrong configuration.
 */
export async function runService(name: string, start: StartService, options: RunOptions = {}): Promise<void> {
  const host = options.host ?? nodeProcess();
  const graceMs = options.graceMs ?? 25_000;
  const scope = new Scope(name);
  const listeners: [string, (...args: unknown[]) => void][] = [];
  const sameSignalMs = options.sameSignalMs ?? 500;
  let ending = false;
  let firstSignalAt = Number.POSITIVE_INFINITY;
  const { promise: started, resolve: setStarted } = Promise.withResolvers<void>();
  const { promise: ended, resolve: setEnded } = Promise.withResolvers<void>();

  const exit = (code: number) => {
    for (const [event, listener] of listeners) host.off(event, listener);
    setEnded();
    host.exit(code);
  };
  const end = async (reason: string, code: number): Promise<void> => {
    if (ending) return;
    ending = true;
    const timer = setTimeout(() => {
      scope.logger.error({ graceMs }, 'the stop took too long');
      exit(1);
    }, graceMs);
    // A service that is still starting owns only a part of what it will own.
    await started;
    await scope.stop(reason);
    clearTimeout(timer);
    exit(code);
  };
  const fatal = (error: unknown, message: string): void => {
    scope.logger.fatal({ err: error }, message);
    if (scope.logger.level === 'silent') host.print(`${name}: ${message}: ${String(error)}\n`);
    void end(message, 1);
  };
  const listen = (event: string, listener: (...args: unknown[]) => void) => {
    listeners.push([event, listener]);
    host.on(event, listener);
  };
  const onSignal = (signal: string) => {
    if (!ending) void end(signal, 0);
    else if (performance.now() - firstSignalAt >= sameSignalMs) exit(1);
    firstSignalAt = Math.min(firstSignalAt, performance.now());
  };

  listen('SIGTERM', () => onSignal('SIGTERM'));
  listen('SIGINT', () => onSignal('SIGINT'));
  listen('unhandledRejection', (reason) => fatal(reason, 'unhandled rejection'));
  listen('uncaughtException', (error) => fatal(error, 'uncaught exception'));
  if (host.hasParentChannel) listen('disconnect', () => void end('the parent process is gone', 0));
  void scope.failed.then((error) => fatal(error, 'the service cannot go on'));

  try {
    await start(scope);
    scope.logger.info('started');
    setStarted();
  } catch (error) {
    setStarted();
    if (error instanceof ConfigError) {
      host.print(`${name}: ${error.message}\n`);
      await end('wrong configuration', EXIT_CONFIG);
    } else {
      fatal(error, 'the start failed');
    }
  }
  await ended;
}
