/** Asks one thing that this process cannot work without. Throws (or rejects) when it is not there. */
export type HealthCheck = () => Promise<unknown>;

export interface CheckResult {
  readonly ok: boolean;
  /** How long the check took, in ms. */
  readonly durationMs: number;
  /** Why not; a class of failure only, never the error's own words, which may hold addresses. */
  readonly problem?: 'failed' | 'timed out';
}

export interface Readiness {
  readonly ok: boolean;
  readonly stopping: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface Health {
  /** Adds a check, under the name it has in the answer. */
  check(name: string, check: HealthCheck): void;
  /** Runs all checks side by side, or answers what they said less than `cacheMs` ago. */
  readiness(): Promise<Readiness>;
  /** From now on not ready: called when the process begins to stop. */
  stop(): void;
  /** False when the process should be replaced: its event loop still answers, so this is true. */
  liveness(): { ok: boolean; uptimeS: number };
}

export interface HealthOptions {
  /** How long an answer is reused, in ms (default 1000), so that probes cannot become load. */
  readonly cacheMs?: number;
  /** How long one check may take, in ms (default 2000). */
  readonly timeoutMs?: number;
  /** Aborts when the process begins to stop. */
  readonly stopping?: AbortSignal;
}

async function runCheck(check: HealthCheck, timeoutMs: number): Promise<CheckResult> {
  const startedAt = performance.now();
  const { promise: timeout, resolve } = Promise.withResolvers<'timed out'>();
  const timer = setTimeout(resolve, timeoutMs, 'timed out');
  const outcome = await Promise.race([
    Promise.resolve()
      .then(check)
      .then(
        () => undefined,
        () => 'failed' as const,
      ),
    timeout,
  ]);
  clearTimeout(timer);
  const durationMs = Math.round(performance.now() - startedAt);
  return outcome ? { ok: false, durationMs, problem: outcome } : { ok: true, durationMs };
}

export function createHealth(options: HealthOptions = {}): Health {
  const cacheMs = options.cacheMs ?? 1_000;
  const timeoutMs = options.timeoutMs ?? 2_000;
  const checks = new Map<string, HealthCheck>();
  let stopped = false;
  let last: { at: number; results: Promise<Record<string, CheckResult>> } | undefined;

  const runAll = async (): Promise<Record<string, CheckResult>> => {
    const results = await Promise.all(
      [...checks].map(async ([name, check]) => [name, await runCheck(check, timeoutMs)] as const),
    );
    return Object.fromEntries(results);
  };

  return {
    check: (name, check) => {
      checks.set(name, check);
      last = undefined;
    },
    async readiness() {
      if (!last || performance.now() - last.at >= cacheMs)
        last = { at: performance.now(), results: runAll() };
      const results = await last.results;
      const stopping = stopped || options.stopping?.aborted === true;
      return { ok: !stopping && Object.values(results).every((one) => one.ok), stopping, checks: results };
    },
    stop: () => {
      stopped = true;
    },
    liveness: () => ({ ok: true, uptimeS: Math.round(process.uptime()) }),
  };
}
