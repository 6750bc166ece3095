import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@spindle/service-kit';
import { hasEnded, type RunningProcess, type ServiceName, type System } from '../system.ts';

/** What is killed: a process of a service, or a server that all stand on. */
export type Victim = ServiceName | 'redis' | 'postgres';

export const VICTIMS: readonly Victim[] = [
  'sync-worker',
  'playlist-worker',
  'redis',
  'party-worker',
  'gateway',
  'stats-worker',
  'postgres',
  'import-worker',
  'cron',
];

/** One kill. Times: ms since 1970, real. */
export interface Kill {
  readonly victim: Victim;
  /** Processes that died: several where all of a service did. */
  readonly processes: number;
  readonly at: number;
  /** Until it was started again, ms. */
  readonly awayMs: number;
}

export interface Keeper {
  /** Processes that run, by their service. */
  alive(name: ServiceName): readonly RunningProcess[];
  /** Kills, leaves it away for so long, and has it started again. Resolves when it is ready. */
  strike(victim: Victim, options: { readonly all: boolean; readonly awayMs: number }): Promise<Kill>;
  /** Whether it was killed, and is not ready again. */
  isAway(victim: Victim): boolean;
  /** Processes that ended without having been killed, with the end of their logs. */
  readonly crashes: readonly string[];
  /** From now on the end of a process is no crash. */
  rest(): void;
}

/** Until a process that ended is started again, ms: as a supervisor would. */
const RESTART_MS = 500;
const LOG_TAIL = 2_000;

/** Kills processes and servers, and starts again whatever ends, as compose or Kubernetes would. */
export function createKeeper(system: System): Keeper {
  const crashes: string[] = [];
  const killed = new Set<RunningProcess>();
  const watched = new Set<RunningProcess>();
  let isResting = false;

  const alive = (name: ServiceName) =>
    system.processes.filter((one) => one.name === name && !hasEnded(one.child));

  function watch(one: RunningProcess): void {
    if (watched.has(one)) return;
    watched.add(one);
    one.child.once('exit', (code, signal) => {
      if (killed.has(one) || isResting) return;
      crashes.push(`${one.name} ended by itself (${code ?? signal}):\n${one.log().slice(-LOG_TAIL)}`);
      void raise(one);
    });
  }

  /** Starts a process in the place of one that ended; what ends while it starts is started again. */
  async function raise(ended: RunningProcess): Promise<void> {
    while (!isResting) {
      try {
        watch(await system.start(ended.name, ended.port));
        return;
      } catch {
        await sleep(RESTART_MS);
      }
    }
  }

  async function end(one: RunningProcess): Promise<void> {
    killed.add(one);
    if (hasEnded(one.child)) return;
    const gone = once(one.child, 'exit');
    one.child.kill('SIGKILL');
    await gone;
  }

  async function strike(victim: Victim, all: boolean, awayMs: number): Promise<Kill> {
    const at = Date.now();
    if (victim === 'redis' || victim === 'postgres') {
      const server = victim === 'redis' ? system.redis : system.postgres;
      if (!server) throw new Error(`there is no ${victim} of our own to be killed`);
      await server.kill();
      await sleep(awayMs);
      await server.start();
      return { victim, processes: 1, at, awayMs };
    }
    const victims = all ? alive(victim) : alive(victim).slice(0, 1);
    await Promise.all(victims.map(end));
    await sleep(awayMs);
    await Promise.all(victims.map(raise));
    return { victim, processes: victims.length, at, awayMs };
  }

  const away = new Set<Victim>();
  for (const one of system.processes) watch(one);
  return {
    alive,
    crashes,
    isAway: (victim) => away.has(victim),
    rest: () => {
      isResting = true;
    },
    async strike(victim, { all, awayMs }) {
      away.add(victim);
      try {
        return await strike(victim, all, awayMs);
      } finally {
        away.delete(victim);
      }
    },
  };
}

/** Every kind once, then again in another order, for as long as one asks. */
export function* victims(random: Random): Generator<Victim, never, undefined> {
  let round = [...VICTIMS];
  for (;;) {
    yield* round;
    round = round
      .map((victim) => ({ victim, place: random.next() }))
      .sort((a, b) => a.place - b.place)
      .map(({ victim }) => victim);
  }
}
