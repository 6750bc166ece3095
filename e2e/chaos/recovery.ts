import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  createClient,
  getFeed,
  getJob,
  listRoomDevices,
  makeAnalysis,
  pollRecentlyPlayed,
  restorePlaylists,
} from '@spindle/contracts';
import { hasEnded, type RunningProcess, type ServiceName, type System } from '../system.ts';
import type { Caller } from './caller.ts';
import { type Keeper, type Kill, VICTIMS, type Victim } from './killer.ts';
import { isImported, type Life, upload } from './people.ts';

/** What is asked for after a kill, each until it is right again. Times: ms from the kill on; null: never seen. */
export interface Recovery extends Kill {
  /** Those who took the place of the killed say that they are ready; after a server, all who stand on it. */
  readonly readyMs: number | null;
  /** A job that was asked for after the kill is done, of a kind that needs what was killed. */
  readonly jobMs: number | null;
  /** The public feed shows what is really played, by a reading that was made after the kill. */
  readonly feedMs: number | null;
}

const ANSWER_MS = 5_000;
/** Of those who share and play, so many must be shown rightly: tracks change while the answer is on its way. */
const RIGHT_SHARE = 0.5;

async function since(
  at: number,
  limitMs: number,
  everyMs: number,
  look: () => Promise<boolean>,
): Promise<number | null> {
  for (;;) {
    const isGood = await look().catch(() => false);
    const ms = Date.now() - at;
    if (isGood) return ms;
    if (ms > limitMs) return null;
    await sleep(everyMs);
  }
}

async function areReady(processes: readonly RunningProcess[]): Promise<boolean> {
  const answers = await Promise.all(
    processes
      .filter((one) => !hasEnded(one.child))
      .map((one) => fetch(`http://127.0.0.1:${one.port}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) })),
  );
  return answers.every((one) => one.ok);
}

/** Whether the feed shows what sharers really play, some of it read after `sinceMs` of the simulated clock. */
async function isFeedRight(system: System, client: Client, sinceMs: number): Promise<boolean> {
  const { items } = await client.call(getFeed, {}, { signal: AbortSignal.timeout(ANSWER_MS) });
  const names = new Map(system.sandbox.control.people().map((one) => [one.displayName, one.id]));
  let playing = 0;
  let right = 0;
  let isFresh = false;
  for (const item of items) {
    const personId = names.get(item.user.displayName);
    if (personId === undefined) continue;
    const truth = system.sandbox.groundTruth.nowPlaying(personId);
    if (!truth.playing || truth.kind !== 'track') continue;
    playing += 1;
    if (!item.isPlaying || item.track?.spotifyId !== truth.itemId) continue;
    right += 1;
    isFresh ||= item.observedAt !== null && Date.parse(item.observedAt) > sinceMs;
  }
  return isFresh && right / playing >= RIGHT_SHARE;
}

/** Whether some work that was begun is done. */
type IsDone = () => Promise<boolean>;

async function ofJob(caller: Caller, jobId: Promise<string | null>): Promise<IsDone> {
  const id = await jobId;
  if (id === null) throw new Error('the work was refused');
  return async () => {
    const { value } = await caller.ask('a job', (client, options) =>
      client.call(getJob, { params: { id } }, options),
    );
    return value.state === 'succeeded' || value.state === 'failed';
  };
}

/** Begins work that needs the one who was killed. */
async function begin(watch: Watch, victim: Victim): Promise<IsDone> {
  const { caller, partyCode: code } = watch;
  switch (victim) {
    case 'playlist-worker':
      return ofJob(
        caller,
        caller.enqueue(restorePlaylists, (client, options) => client.enqueue(restorePlaylists, {}, options)),
      );
    case 'stats-worker':
      return ofJob(
        caller,
        caller.enqueue(makeAnalysis, (client, options) => client.enqueue(makeAnalysis, {}, options)),
      );
    case 'party-worker':
      return ofJob(
        caller,
        caller.enqueue(listRoomDevices, (client, options) =>
          client.enqueue(listRoomDevices, { params: { code } }, options),
        ),
      );
    case 'import-worker': {
      watch.files += 1;
      const importId = await upload(watch.life, caller, watch.files);
      return () => isImported(caller, importId);
    }
    default:
      return ofJob(
        caller,
        caller.enqueue(pollRecentlyPlayed, (client, options) =>
          client.enqueue(pollRecentlyPlayed, {}, options),
        ),
      );
  }
}

/** Who watches: somebody of their own, with a room of their own. */
export interface Watch {
  readonly life: Life;
  readonly caller: Caller;
  readonly partyCode: string;
  /** What takes longer counts as never, ms. */
  readonly limitMs: number;
  /** Files uploaded so far. */
  files: number;
}

const isService = (victim: Victim): victim is ServiceName => victim !== 'redis' && victim !== 'postgres';

/** Kills, and watches how the system comes back. */
export async function strikeAndWatch(
  watch: Watch,
  keeper: Keeper,
  victim: Victim,
  options: { readonly all: boolean; readonly awayMs: number },
): Promise<Recovery> {
  const { limitMs } = watch;
  const { system } = watch.life;
  const at = Date.now();
  const sinceMs = system.sandbox.clock.nowMs();
  // Others may be on their way up from another kill.
  const standing = VICTIMS.flatMap((name) => (isService(name) ? keeper.alive(name) : []));
  const kill = keeper.strike(victim, options);
  const anonymous = createClient({ baseUrl: system.url });
  const [done, readyMs, jobMs, feedMs] = await Promise.all([
    kill,
    // What is started again is ready when it has begun.
    kill.then(() => since(at, limitMs, 100, async () => isService(victim) || areReady(standing))),
    begin(watch, victim)
      .then((isDone) => since(at, limitMs, 50, isDone))
      .catch(() => null),
    since(at, limitMs, 100, () => isFeedRight(system, anonymous, sinceMs)),
  ]);
  return { ...done, readyMs, jobMs, feedMs };
}
