import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Participant, playedBy, playedTracks, type Room, waitingTracks } from '@spindle/db';
import { type Random, seededRandom } from '@spindle/service-kit';
import { type Heard, MINUTE_MS, SECOND_MS, Stage, type StageEvent } from './support/stage.ts';
import { START_MS } from './support/world.ts';

const HOURS = 4;
const END_MS = START_MS + HOURS * 60 * MINUTE_MS;
const GUESTS = 30;
const LONGEST_MS = 240_000;
const BEGIN_MS = START_MS + 3 * MINUTE_MS;

const at = (minutes: number): number => START_MS + minutes * MINUTE_MS;
const ASLEEP = [at(62), at(171)];
const SKIPS = [at(35), at(97), at(140), at(205)];
const DOWN = [
  { from: at(80), until: at(80) + 25 * SECOND_MS },
  { from: at(150), until: at(150) + 45 * SECOND_MS },
];
const RATE_LIMITED = [
  { from: at(50), until: at(50) + 20 * SECOND_MS },
  { from: at(190), until: at(190) + 30 * SECOND_MS },
];
/** Some of the calls in this span fail. */
const SHAKY = { from: at(110), until: at(130) };

const one = <T>(random: Random, list: readonly T[]): T | undefined => list[random.int(list.length || 1)];

let stage: Stage;
let room: Room;
/** What was taken next of what was ready, and what the rule says. */
const choices: { readonly taken: number; readonly expected: number | undefined }[] = [];
const proposals = new Set<string>();

/** The rule, said once more: votes, then turns, then age; no guest three times in a row while others wait. */
async function firstInLine(): Promise<number | undefined> {
  const { pool } = stage.db;
  const ready = (await waitingTracks(pool, room.id)).filter((track) => track.state === 'promoted');
  const played = await playedBy(pool, room.id);
  const votes = (track: (typeof ready)[number]) => track.likes - track.dislikes;
  const turn = (track: (typeof ready)[number]) =>
    (played.get(track.proposerId ?? 0) ?? 0) +
    ready.filter(
      (other) =>
        other.proposerId === track.proposerId &&
        (votes(other) > votes(track) || (votes(other) === votes(track) && other.id < track.id)),
    ).length;
  const order = ready.sort((a, b) => votes(b) - votes(a) || turn(a) - turn(b) || a.id - b.id);
  const last = (await playedTracks(pool, room.id, 2)).map((track) => track.proposerId);
  const [first] = order;
  if (last.length === 2 && last.every((proposer) => proposer === first?.proposerId))
    return (order.find((track) => track.proposerId !== first?.proposerId) ?? first)?.id;
  return first?.id;
}

/** Guests come in the first half hour, propose now and then, and like most of what others propose. */
function guestsOf(random: Random): StageEvent[] {
  const guests: Participant[] = [];
  const tracks = stage.tracks(HOURS * 60, LONGEST_MS);
  const waiting: string[] = [];
  const events: StageEvent[] = [];
  for (let index = 0; index < GUESTS; index += 1)
    events.push({
      at: START_MS + random.int(30 * 60) * SECOND_MS * (index < 6 ? 0 : 1) + index,
      run: async () => void guests.push(await stage.guest(room, `Guest ${index}`)),
    });
  for (let time = START_MS + SECOND_MS; time < END_MS; time += random.int(100) * SECOND_MS + 333)
    events.push({
      at: time,
      run: async () => {
        const track = tracks.shift();
        const guest = one(random, guests);
        if (!track || !guest) return;
        await stage.propose(room, guest, track.id);
        proposals.add(track.uri);
        waiting.push(track.id);
      },
    });
  for (let time = START_MS + 2 * SECOND_MS; time < END_MS; time += random.int(14) * SECOND_MS + 477)
    events.push({
      at: time,
      run: async () => {
        const guest = one(random, guests);
        // Rather what came lately.
        const track = waiting.at(-1 - random.int(Math.min(12, waiting.length || 1)));
        if (guest && track) await stage.vote(room, guest, track, random.next() < 0.85);
      },
    });
  return events;
}

function faults(): StageEvent[] {
  const { control } = stage.sandbox;
  for (const span of RATE_LIMITED)
    control.addFault({
      fault: { kind: 'rate-limit', retryAfterSeconds: 8 },
      path: '/v1/me/player/**',
      fromMs: span.from,
      untilMs: span.until,
    });
  for (const fault of [
    { kind: 'server-error', status: 502 },
    { kind: 'drop', when: 'before' },
    { kind: 'drop', when: 'after' },
  ] as const)
    control.addFault({
      fault,
      path: '/v1/me/player/**',
      probability: 0.08,
      fromMs: SHAKY.from,
      untilMs: SHAKY.until,
    });
  return [
    ...ASLEEP.map((time) => ({ at: time, run: () => stage.script({ at: time, action: 'stop' }) })),
    ...SKIPS.map((time) => ({ at: time, run: () => stage.script({ at: time, action: 'skip' }) })),
    ...DOWN.flatMap(({ from, until }) => [
      { at: from, run: () => stage.stopWorker() },
      { at: until, run: () => stage.startWorker() },
    ]),
  ];
}

/** How long of a silence something forced it, or kept it from being noticed. */
function forcedMs(from: number, until: number): number {
  // What plays is read every 45 s at the latest: an end that nobody could foresee shows after that.
  const unforeseen = [...ASLEEP, ...SKIPS].map((time) => ({ from: time, until: time + 47 * SECOND_MS }));
  // The wait that Spotify asked for may begin in the last moment.
  const asked = RATE_LIMITED.map((span) => ({ from: span.from, until: span.until + 10 * SECOND_MS }));
  return [...unforeseen, ...asked, ...DOWN]
    .map((span) => Math.min(until, span.until) - Math.max(from, span.from))
    .reduce((sum, ms) => sum + Math.max(0, ms), 0);
}

beforeAll(async () => {
  // What an instance allows a development-mode account unless told otherwise.
  stage = await Stage.open({}, 800);
  room = await stage.room({ mode: 'threshold', likeThreshold: 3, inARow: 2 });
  stage.aroundLook = async (_roomId, look) => {
    const expected = await firstInLine();
    const before = await stage.view(room);
    await look();
    const after = await stage.view(room);
    for (const taken of [after.nextRoomTrackId, after.roomTrackId]) {
      const isNew = taken !== null && taken !== before.nextRoomTrackId && taken !== before.roomTrackId;
      if (isNew && !choices.some((choice) => choice.taken === Number(taken)))
        choices.push({ taken: Number(taken), expected });
    }
  };
  const [own] = stage.tracks(1, LONGEST_MS);
  stage.script({ at: START_MS, action: 'play', uris: [own?.uri ?? ''] });
  const events = [...guestsOf(seededRandom('evening')), ...faults()];
  const begin: StageEvent = {
    at: BEGIN_MS,
    run: async () => {
      stage.sandbox.control.clearCalls();
      await stage.command(room, { kind: 'play' });
    },
  };
  await stage.run(END_MS, [...events, begin]);
}, 240_000);
afterAll(() => stage.close());

describe('An evening of four hours with thirty guests', () => {
  const listens = (): Heard[] => stage.heard().slice(1);

  it('is never silent longer than something forces it to be', () => {
    const [first] = listens();
    const silences = stage
      .silences()
      .filter(({ from }) => from >= (first?.startedAt ?? 0))
      .map(({ ms, from }) => ({ ms, from, unforced: ms - forcedMs(from, from + ms) }));
    const shown = silences
      .slice(0, 8)
      .map(
        ({ ms, from, unforced }) =>
          `${ms} (${unforced}) at minute ${Math.round((from - START_MS) / MINUTE_MS)}`,
      );
    process.stdout.write(`longest silences, ms (beyond what was forced): ${shown.join('; ')}\n`);
    expect(Math.max(...silences.map((one) => one.unforced))).toBeLessThan(10_000);
    expect(first?.startedAt).toBeLessThan(BEGIN_MS + 5_000);
    const last = listens().at(-1);
    expect(last?.endedAt).toBeNull();
  });

  it('plays every track once, but for those that were cut off', async () => {
    const times = new Map<string, Heard[]>();
    for (const heard of listens()) times.set(heard.uri, [...(times.get(heard.uri) ?? []), heard]);
    for (const [uri, plays] of times) {
      expect(proposals).toContain(uri);
      const cut = plays.slice(0, -1).map((play) => play.endedBy);
      expect({ uri, cut }).toEqual({ uri, cut: cut.map(() => 'stopped') });
    }
    const states = await stage.states(room);
    const played = Object.keys(states).filter((uri) =>
      ['played', 'skipped', 'playing'].includes(states[uri] ?? ''),
    );
    expect([...times.keys()].sort()).toEqual(played.sort());
    expect(played.filter((uri) => states[uri] === 'skipped').length).toBeLessThanOrEqual(SKIPS.length);
  });

  it('plays what was first in line of what was ready', () => {
    expect(choices.length).toBeGreaterThan(60);
    expect(choices.filter(({ taken, expected }) => taken !== expected)).toEqual([]);
  });

  it('spends few calls', () => {
    const tracks = new Set(listens().map((heard) => heard.uri)).size;
    const calls = stage.calls();
    const commands = stage.sandbox.control.calls().filter((call) => call.method !== 'GET').length;
    const perTrack = (count: number) => (count / tracks).toFixed(2);
    process.stdout.write(
      `${tracks} tracks; calls per track: ${perTrack(calls)}, of which readings ${perTrack(stage.calls('GET /v1/me/player'))}, commands ${perTrack(commands)}\n`,
    );
    expect(commands / tracks).toBeLessThan(1.6);
    expect(stage.failures).toEqual([]);
  });
});
