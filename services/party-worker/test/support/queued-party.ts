import { ROOM_DEFAULTS } from '@spindle/contracts';
import { createRoom, joinAsGuest } from '@spindle/db';
import type { RoomCommand } from '@spindle/queues';
import {
  createLivePublisher,
  createProducer,
  createQueueMetrics,
  createWorker,
  isFinished,
  type JobView,
  liveAdapterOptions,
  type QueueWorker,
} from '@spindle/queues';
import { createMetrics, scaledClock } from '@spindle/service-kit';
import { createSyncContext } from '@spindle/sync-worker/context';
import { handlers as syncHandlers } from '@spindle/sync-worker/handlers';
import { waitFor } from '@spindle/testkit';
import { createPartyContext } from '../../src/context.ts';
import { handlers } from '../../src/handlers.ts';
import { HOST, openWorld, proposeIn, START_MS } from './world.ts';

/** A track passes in seconds; a machine that is busy still answers within a second of the clock. */
const SPEED = 25;

export type QueuedParty = Awaited<ReturnType<typeof queuedParty>>;

/** A party as it runs: both workers on their queues, the ticks of cron, and a clock that runs fast. */
export async function queuedParty() {
  const clock = scaledClock({ simEpochMs: START_MS, wallOriginMs: Date.now(), speed: SPEED });
  const world = await openWorld(clock);
  const { parts, redisUrl, sandbox, hostId } = world;
  const { db, redis, prefix, logger } = parts;
  const live = createLivePublisher({ redis, prefix, logger });
  const producer = createProducer({ redisUrl, prefix, clock, logger });
  const all = { ...parts, live, producer };
  const options = () => ({
    redisUrl,
    prefix,
    concurrency: 4,
    drainMs: 0,
    logger,
    clock,
    metrics: createQueueMetrics(createMetrics('test')),
  });
  const sync = createWorker(
    'sync',
    syncHandlers,
    createSyncContext({ ...all, publicUrl: 'http://spindle.test' }),
    options(),
  );
  const startWorker = (): QueueWorker => createWorker('party', handlers, createPartyContext(all), options());
  let worker = startWorker();
  await sync.ready();
  await worker.ready();
  await producer.schedule([
    { id: 'dispatch-due', queue: 'sync', job: 'dispatch-due', payload: {}, everyMs: 100 },
    { id: 'rooms-due', queue: 'party', job: 'rooms-due', payload: {}, everyMs: 100 },
  ]);
  const room = await createRoom(db, hostId, ROOM_DEFAULTS, clock.now());
  const joined = await joinAsGuest(db, room.id, 'Ann', clock.now());
  if (!joined.ok) throw new Error(joined.reason);
  const tracks = sandbox.catalogue.tracks.filter((track) => track.playable && track.durationMs < 150_000);
  sandbox.control.script(HOST, [{ at: clock.nowMs() + 1, action: 'play', uris: [tracks.at(-1)?.uri ?? ''] }]);
  return {
    /** Proposes so many short tracks; their URIs. */
    async propose(count: number): Promise<string[]> {
      const chosen = tracks.slice(0, count);
      for (const track of chosen) await proposeIn(world, room, joined.participant, track.id);
      return chosen.map((track) => track.uri);
    },
    async command(command: RoomCommand): Promise<JobView> {
      const { id } = await producer.add(
        'party',
        'room-command',
        { roomId: room.id, command },
        { requestId: 'test', ownerId: hostId },
      );
      const view = await producer.waitFor(id, 10_000);
      if (!view || !isFinished(view) || view.state === 'failed') throw new Error(JSON.stringify(view));
      return view;
    },
    /** Ends the worker, with whatever it has in hand, and starts another. */
    async replaceWorker(): Promise<void> {
      await worker.close();
      worker = startWorker();
      await worker.ready();
    },
    /** What the room has played and plays, by URI. */
    plays(): string[] {
      const past = sandbox.groundTruth.plays(HOST).map((play) => play.uri);
      const now = sandbox.groundTruth.nowPlaying(HOST);
      return [...past, ...(now.uri === null ? [] : [now.uri])].filter((uri) => uri !== tracks.at(-1)?.uri);
    },
    /** What the room was told. */
    async told(): Promise<unknown[]> {
      const entries = await redis.xrange(liveAdapterOptions(prefix).streamName, '-', '+');
      return entries.flatMap(([, fields]) => {
        const message = JSON.parse(fields[fields.indexOf('data') + 1] ?? '{}');
        return message.opts.rooms.includes(`room:${room.code}`) ? [message.packet.data[1]] : [];
      });
    },
    until: (look: () => boolean, what: string) => waitFor(look, { what, timeoutMs: 30_000, everyMs: 20 }),
    async close(): Promise<void> {
      await worker.close();
      await sync.close();
      await producer.close();
      await world.close();
    },
  };
}
