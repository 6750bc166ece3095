import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOM_DEFAULTS } from '@spindle/contracts';
import { seededRandom } from '@spindle/service-kit';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import fc from 'fast-check';
import {
  addFallbackTrack,
  allRoomTracks,
  banParticipant,
  beginLook,
  castSkipVote,
  castVotes,
  changeRoomSettings,
  claimDueRooms,
  comeBack,
  createDatabase,
  createRoom,
  type Database,
  endRoom,
  endStaleRooms,
  findRoom,
  handOver,
  hostReading,
  joinAsGuest,
  joinAsListener,
  leaveRoom,
  listRooms,
  loadRoomPlayback,
  lockRunningListen,
  notePlaying,
  noteTelling,
  type Participant,
  participantByToken,
  planRoom,
  playedBy,
  proposeTrack,
  queueOf,
  type Room,
  randomTrackOf,
  removeProposal,
  roomPlaybackView,
  savePlayerReading,
  saveRoomPlayback,
  settleVotes,
  takePlayer,
  votesOf,
  wakeRoom,
  withRoomPlayer,
} from '../src/index.ts';

const NOW = new Date('2026-11-06T19:00:00Z');
const after = (ms: number): Date => new Date(NOW.getTime() + ms);
const TRACKS = 12;
const OPEN = ['proposed', 'promoted', 'playing'];
let store: TestDatabase;
let db: Database;
let other: Database;
let hostId: number;
let tracks: number[];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  other = createDatabase({ url: store.url, poolSize: 5 });
  hostId = await listener('host');
  tracks = [];
  for (let index = 0; index < TRACKS; index += 1) {
    const data = { name: `Song ${index}`, nameKey: `song ${index}`, artistKey: 'artist' };
    const more = { spotifyId: `track${index}`, durationMs: 200_000, explicit: index % 2 === 1 };
    tracks.push((await db.prisma.track.create({ data: { ...data, ...more } })).id);
  }
});
afterAll(async () => {
  await db.close();
  await other.close();
  await store.drop();
});

async function listener(name: string): Promise<number> {
  const data = { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'UTC' };
  return (await db.prisma.user.create({ data })).id;
}

const openRoom = (more: Partial<typeof ROOM_DEFAULTS> = {}): Promise<Room> =>
  createRoom(db, hostId, { ...ROOM_DEFAULTS, ...more }, NOW);

async function guestIn(room: Room, name: string): Promise<Participant & { readonly token: string }> {
  const joined = await joinAsGuest(db, room.id, name, NOW);
  if (!joined.ok) throw new Error(joined.reason);
  return { ...joined.participant, token: joined.token ?? '' };
}

async function propose(room: Room, guest: Participant, track: number, most: number | null = null) {
  const proposal = { roomId: room.id, participantId: guest.id, trackId: tracks[track] ?? 0, most };
  return proposeTrack(db, proposal, NOW);
}

async function proposed(room: Room, guest: Participant, track: number): Promise<number> {
  const outcome = await propose(room, guest, track);
  if (!outcome.ok) throw new Error(outcome.reason);
  await settleVotes(db, room.id, NOW);
  return outcome.roomTrackId;
}

async function vote(room: Room, guest: Participant, track: number, isLike: boolean | null) {
  const given = { participantId: guest.id, spotifyId: `track${track}`, isLike };
  const [outcome] = await castVotes(db.pool, room.id, [given], NOW);
  return outcome;
}

const playing = (roomId: number, id: number | null, before: 'played' | 'skipped' = 'played') =>
  db.transaction((tx) => notePlaying(tx, roomId, id, before, NOW));

const stateOf = async (roomId: number, id: number): Promise<string | undefined> =>
  (await allRoomTracks(db.pool, roomId)).find((track) => track.id === id)?.state;

describe('Doors', () => {
  it('lets guests in by a name that nobody else has, and knows them again', async () => {
    const room = await openRoom();
    expect(await findRoom(db.pool, room.code)).toEqual(room);
    const ann = await guestIn(room, 'Ann');
    expect(await joinAsGuest(db, room.id, 'ANN', NOW)).toEqual({ ok: false, reason: 'name-taken' });
    expect(await participantByToken(db.pool, room.id, ann.token)).toMatchObject({ id: ann.id });
    const elsewhere = await openRoom();
    expect(await participantByToken(db.pool, elsewhere.id, ann.token)).toBeNull();
    await leaveRoom(db.pool, ann.id, NOW);
    const second = await guestIn(room, 'Ann');
    expect(await comeBack(db.pool, ann.id)).toBe(false);
    await leaveRoom(db.pool, second.id, NOW);
    expect(await comeBack(db.pool, ann.id)).toBe(true);
  });

  it('keeps out who was sent out, with what they wanted', async () => {
    const room = await openRoom();
    const userId = await listener('banned');
    const joined = await joinAsListener(db, room.id, userId, 'Bad', NOW);
    if (!joined.ok) throw new Error('out');
    const ann = await guestIn(room, 'Ann');
    const own = await proposed(room, joined.participant, 0);
    const anns = await proposed(room, ann, 1);
    await vote(room, joined.participant, 1, true);
    await settleVotes(db, room.id, NOW, [anns]);
    const touched = await banParticipant(db, joined.participant.id, NOW);
    expect(touched.sort()).toEqual([own, anns].sort());
    await settleVotes(db, room.id, NOW, touched);
    expect(await stateOf(room.id, own)).toBe('removed');
    expect((await allRoomTracks(db.pool, room.id)).find((track) => track.id === anns)?.likes).toBe(1);
    expect(await joinAsListener(db, room.id, userId, 'Bad', NOW)).toEqual({ ok: false, reason: 'banned' });
    expect(await vote(room, joined.participant, 1, true)).toEqual({ ok: false, reason: 'not-here' });
    expect((await listRooms(db.pool, userId, { limit: 5 })).items).toEqual([]);
  });

  it('goes to another host, whose player has nothing of the room yet', async () => {
    const room = await openRoom();
    const userId = await listener('second-host');
    const joined = await joinAsListener(db, room.id, userId, 'Second', NOW);
    if (!joined.ok) throw new Error('out');
    const guest = await guestIn(room, 'Ann');
    const track = await proposed(room, guest, 0);
    await playing(room.id, track);
    await saveRoomPlayback(db.pool, room.id, { isOn: true, state: 'playing', startedAt: NOW });
    expect(await db.transaction((tx) => handOver(tx, room.id, guest.id))).toBe(false);
    expect(await db.transaction((tx) => handOver(tx, room.id, joined.participant.id))).toBe(true);
    expect(await loadRoomPlayback(db.pool, room.id)).toMatchObject({
      hostId: userId,
      isOn: false,
      state: 'idle',
      current: null,
    });
    expect(await stateOf(room.id, track)).toBe('played');
  });

  it('ends when it is told, or when nothing happens for long', async () => {
    const room = await openRoom();
    const guest = await guestIn(room, 'Ann');
    const track = await proposed(room, guest, 0);
    await playing(room.id, track);
    expect(await endRoom(db.pool, room.id, NOW)).toBe(true);
    expect(await endRoom(db.pool, room.id, NOW)).toBe(false);
    expect(await stateOf(room.id, track)).toBe('played');
    expect(await propose(room, guest, 1)).toEqual({ ok: false, reason: 'not-here' });
    const left = await openRoom();
    const busy = await openRoom();
    const late = await joinAsGuest(db, busy.id, 'Late', after(3_600_000));
    expect(late.ok).toBe(true);
    const ended = await endStaleRooms(db.pool, after(60_000), after(120_000));
    expect(ended).toContain(left.id);
    expect(ended).not.toContain(busy.id);
  });
});

describe('Proposals', () => {
  it('are one of each track that waits, each with the like of who made it', async () => {
    const room = await openRoom();
    const [ann, bob] = [await guestIn(room, 'Ann'), await guestIn(room, 'Bob')];
    expect(await propose(room, ann, 0)).toMatchObject({ ok: true, isNew: true });
    expect(await propose(room, bob, 0)).toMatchObject({ ok: true, isNew: false });
    await settleVotes(db, room.id, NOW);
    const [track] = await queueOf(db.pool, room.id);
    expect(track).toMatchObject({ proposerId: ann.id, likes: 2 });
    expect((await votesOf(db.pool, bob.id)).votes).toEqual({ [String(track?.id)]: true });
  });

  it('are as many of a guest as the host allows, however fast they come', async () => {
    const room = await openRoom();
    const ann = await guestIn(room, 'Ann');
    const outcomes = await Promise.all(tracks.slice(0, 8).map((_, index) => propose(room, ann, index, 3)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(3);
    expect(await queueOf(db.pool, room.id)).toHaveLength(3);
  });

  it('are taken back by who made them or the host, unless Spotify has them', async () => {
    const room = await openRoom();
    const [ann, bob] = [await guestIn(room, 'Ann'), await guestIn(room, 'Bob')];
    const [first, second] = [await proposed(room, ann, 0), await proposed(room, ann, 1)];
    const remove = (roomTrackId: number, participantId: number | null) =>
      removeProposal(db.pool, { roomId: room.id, roomTrackId, participantId }, NOW);
    expect(await remove(first, bob.id)).toBe(false);
    expect(await remove(first, ann.id)).toBe(true);
    expect(await remove(first, ann.id)).toBe(false);
    await noteTelling(db.pool, room.id, second, NOW);
    expect(await remove(second, null)).toBe(false);
  });

  it('come again when they were played', async () => {
    const room = await openRoom();
    const ann = await guestIn(room, 'Ann');
    const first = await proposed(room, ann, 0);
    await playing(room.id, first);
    expect(await propose(room, ann, 0)).toMatchObject({ roomTrackId: first, isNew: false });
    await playing(room.id, null);
    const second = await propose(room, ann, 0);
    expect(second).toMatchObject({ ok: true, isNew: true });
    expect(await playedBy(db.pool, room.id)).toEqual(new Map([[ann.id, 1]]));
  });
});

describe('Votes', () => {
  it('promote at the threshold, once', async () => {
    const room = await openRoom({ mode: 'threshold', likeThreshold: 2 });
    const [ann, bob] = [await guestIn(room, 'Ann'), await guestIn(room, 'Bob')];
    const track = await proposed(room, ann, 0);
    await vote(room, bob, 0, true);
    const settled = await Promise.all([1, 2, 3, 4].map(() => settleVotes(db, room.id, NOW, [track])));
    expect(settled.flatMap((one) => one.promoted)).toEqual([track]);
    await vote(room, bob, 0, null);
    await settleVotes(db, room.id, NOW, [track]);
    expect(await stateOf(room.id, track)).toBe('promoted');
    await changeRoomSettings(db.pool, room.id, { ...room.settings, likeThreshold: 1 });
    const other = await proposed(room, bob, 1);
    expect(await stateOf(room.id, other)).toBe('promoted');
  });

  it('come in while others are counted', async () => {
    const room = await openRoom();
    const [ann, bob] = [await guestIn(room, 'Ann'), await guestIn(room, 'Bob')];
    await proposed(room, ann, 0);
    await db.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM room_tracks WHERE room_id = $1 FOR NO KEY UPDATE', [room.id]);
      expect(await vote(room, bob, 0, false)).toMatchObject({ ok: true });
    });
  });

  it('skip what plays, one each', async () => {
    const room = await openRoom();
    const [ann, bob] = [await guestIn(room, 'Ann'), await guestIn(room, 'Bob')];
    expect(await castSkipVote(db, room.id, ann.id, NOW)).toEqual({ ok: false, reason: 'nothing-plays' });
    const track = await proposed(room, ann, 0);
    await playing(room.id, track);
    expect(await castSkipVote(db, room.id, ann.id, NOW)).toMatchObject({ votes: 1 });
    expect(await castSkipVote(db, room.id, ann.id, NOW)).toMatchObject({ votes: 1 });
    expect(await castSkipVote(db, room.id, bob.id, NOW)).toMatchObject({ votes: 2, roomTrackId: track });
    expect((await roomPlaybackView(db.pool, room.id))?.skipVotes).toBe(2);
  });
});

describe('Playback', () => {
  it('goes from one track to the next, and may say so twice', async () => {
    const room = await openRoom();
    const ann = await guestIn(room, 'Ann');
    const [first, second] = [await proposed(room, ann, 0), await proposed(room, ann, 1)];
    expect(await playing(room.id, first)).toEqual([first]);
    expect(await noteTelling(db.pool, room.id, second, NOW)).toBe(true);
    expect(await loadRoomPlayback(db.pool, room.id)).toMatchObject({
      current: { id: first, spotifyId: 'track0', durationMs: 200_000 },
      handed: { id: second },
      failures: 1,
      toldAt: NOW,
    });
    expect((await playing(room.id, second, 'skipped')).sort()).toEqual([first, second].sort());
    expect(await playing(room.id, second, 'skipped')).toEqual([]);
    expect(await loadRoomPlayback(db.pool, room.id)).toMatchObject({ current: { id: second }, handed: null });
    expect(await stateOf(room.id, first)).toBe('skipped');
    expect(await noteTelling(db.pool, room.id, first, NOW)).toBe(false);
  });

  it('plays what Spotify has though its guest was sent out', async () => {
    const room = await openRoom();
    const ann = await guestIn(room, 'Ann');
    const track = await proposed(room, ann, 0);
    await noteTelling(db.pool, room.id, track, NOW);
    await banParticipant(db, ann.id, NOW);
    expect(await stateOf(room.id, track)).toBe('removed');
    await playing(room.id, track);
    expect(await stateOf(room.id, track)).toBe('playing');
  });

  it('knows its tracks in what is read of the player, other releases too', async () => {
    const room = await openRoom();
    const ann = await guestIn(room, 'Ann');
    const track = await proposed(room, ann, 0);
    await playing(room.id, track);
    const data = { name: 'Song 0', nameKey: 'song 0', artistKey: 'artist', spotifyId: 'reissue' };
    const reissue = await db.prisma.track.create({ data: { ...data, durationMs: 201_000 } });
    const read = (trackId: number) =>
      db.transaction(async (tx) => {
        await lockRunningListen(tx, hostId);
        const reading = {
          kind: 'track',
          isPlaying: true,
          trackId,
          title: 'Song',
          subtitle: null,
          durationMs: 201_000,
          progressMs: 1_000,
          observedAt: NOW,
          deviceName: 'Phone',
          deviceType: null,
          isPrivate: false,
          contextUri: null,
        } as const;
        await savePlayerReading(tx, hostId, reading, null);
      });
    for (const [trackId, expected] of [
      [tracks[0] ?? 0, track],
      [reissue.id, track],
      [tracks[5] ?? 0, null],
    ] as const) {
      await read(trackId);
      const reading = await hostReading(db.pool, room.id);
      expect(reading).toMatchObject({ trackId, roomTrackId: expected, deviceName: 'Phone' });
    }
  });

  it('is looked at when it is time, by one, and nobody who wakes it is forgotten', async () => {
    const room = await openRoom();
    await wakeRoom(db.pool, room.id, after(1_000));
    await wakeRoom(db.pool, room.id, after(5_000));
    const claim = (at: Date) => claimDueRooms(db, at, { limit: 100, leaseMs: 10_000 });
    expect(await claim(after(999))).not.toContain(room.id);
    const claims = await Promise.all([1, 2, 3].map(() => claim(after(1_000))));
    expect(claims.flat().filter((id) => id === room.id)).toHaveLength(1);
    const look = await beginLook(db.pool, room.id, after(20_000));
    expect(look?.plannedAt).toEqual(after(1_000));
    // Somebody promotes a track while it is looked at.
    await wakeRoom(db.pool, room.id, after(2_000));
    await planRoom(db.pool, room.id, after(60_000), { againAt: after(20_000) });
    expect(await claim(after(2_000))).toContain(room.id);
    const next = await beginLook(db.pool, room.id, after(30_000));
    await planRoom(db.pool, room.id, null, { againAt: next?.againAt ?? NOW });
    expect(await claim(after(99_000))).not.toContain(room.id);
    await endRoom(db.pool, room.id, NOW);
    expect(await beginLook(db.pool, room.id, NOW)).toBeNull();
  });

  it('is in one hand at a time', async () => {
    const room = await openRoom();
    const order: string[] = [];
    const first = withRoomPlayer(db, room.id, { wait: false }, async () => {
      expect(await withRoomPlayer(other, room.id, { wait: false }, async () => 1)).toBeNull();
      const waiting = withRoomPlayer(other, room.id, { wait: true }, async () => order.push('second'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('first');
      return { waiting };
    });
    await (await first)?.waiting;
    expect(order).toEqual(['first', 'second']);
  });

  it('is of one room of a host at a time', async () => {
    const [one, two] = [await openRoom(), await openRoom()];
    await saveRoomPlayback(db.pool, one.id, { isOn: true });
    await takePlayer(db.pool, two.id);
    expect((await loadRoomPlayback(db.pool, one.id))?.isOn).toBe(false);
  });

  it('draws from a source what the host allows and the room has not had', async () => {
    const room = await openRoom();
    const entries = tracks.slice(0, 4).map((trackId, index) => ({
      kind: 'track',
      uri: `spotify:track:track${index}`,
      trackId,
      name: null,
      addedAt: null,
    }));
    await db.prisma.playlistContents.create({
      data: { userId: hostId, playlistId: 'mine', snapshotId: 's', total: 4, entries, readAt: NOW },
    });
    const drawn = new Set<number | null>();
    const rules = { allowExplicit: false, maxTrackMs: 200_000 };
    for (const random of [0, 0.3, 0.6, 0.99])
      drawn.add(
        await randomTrackOf(db.pool, { roomId: room.id, userId: hostId, source: 'mine', rules }, random),
      );
    expect(drawn).toEqual(new Set([tracks[0], tracks[2]]));
    expect(await addFallbackTrack(db.pool, room.id, tracks[0] ?? 0, NOW)).not.toBeNull();
    expect(await addFallbackTrack(db.pool, room.id, tracks[0] ?? 0, NOW)).toBeNull();
    expect(await randomTrackOf(db.pool, { roomId: room.id, userId: hostId, source: 'mine', rules }, 0)).toBe(
      tracks[2],
    );
  });
});

describe('Whatever happens at the same time', () => {
  const GUESTS = 6;
  const action = fc.record({
    kind: fc.constantFrom(
      ...(['propose', 'propose', 'vote', 'vote', 'votes', 'votes', 'take-back', 'withdraw'] as const),
      ...(['leave', 'return', 'ban', 'settle', 'settle', 'play', 'end', 'threshold', 'skip-vote'] as const),
      ...(['restart'] as const),
    ),
    guest: fc.nat(GUESTS - 1),
    track: fc.nat(TRACKS - 1),
    isLike: fc.boolean(),
  });

  it('counts are those of the rows, and nothing is there twice', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(action, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom('threshold' as const, 'queue' as const),
        async (bursts, mode) => {
          run += 1;
          const room = await openRoom({ mode, likeThreshold: 2 });
          const guests: Participant[] = [];
          for (let index = 0; index < GUESTS; index += 1) guests.push(await guestIn(room, `G${index}`));
          const promotions: number[] = [];
          const random = seededRandom(run);
          const act = async ({ kind, guest, track, isLike }: (typeof bursts)[number][number]) => {
            // Two gateways, or a gateway and a worker.
            const at = random.int(2) === 0 ? db : other;
            const who = guests[guest];
            if (!who) return;
            const cast = (like: boolean | null) =>
              castVotes(
                at.pool,
                room.id,
                [{ participantId: who.id, spotifyId: `track${track}`, isLike: like }],
                NOW,
              );
            const waiting = async () =>
              (await allRoomTracks(at.pool, room.id)).find(
                (one) => one.trackId === tracks[track] && OPEN.includes(one.state),
              );
            switch (kind) {
              case 'propose': {
                const proposal = {
                  roomId: room.id,
                  participantId: who.id,
                  trackId: tracks[track] ?? 0,
                  most: 4,
                };
                await proposeTrack(at, proposal, NOW);
                break;
              }
              case 'vote':
                await cast(isLike);
                break;
              case 'votes':
                // What came together at one gateway, the last of each guest and track being meant.
                await castVotes(
                  at.pool,
                  room.id,
                  [guest, guest + 1, guest].flatMap((one, place) => {
                    const participantId = guests[one % GUESTS]?.id;
                    const spotifyId = `track${(track + (place % 2)) % TRACKS}`;
                    const own = place === 0 ? !isLike : isLike;
                    return participantId === undefined ? [] : [{ participantId, spotifyId, isLike: own }];
                  }),
                  NOW,
                );
                break;
              case 'take-back':
                await cast(null);
                break;
              case 'withdraw': {
                const roomTrackId = (await waiting())?.id ?? 0;
                await removeProposal(at.pool, { roomId: room.id, roomTrackId, participantId: null }, NOW);
                break;
              }
              case 'leave':
                await leaveRoom(at.pool, who.id, NOW);
                break;
              case 'return':
                await comeBack(at.pool, who.id);
                break;
              case 'ban': {
                const touched = await banParticipant(at, who.id, NOW);
                promotions.push(...(await settleVotes(at, room.id, NOW, touched)).promoted);
                break;
              }
              case 'settle':
                promotions.push(...(await settleVotes(at, room.id, NOW)).promoted);
                break;
              case 'play': {
                const next = (await queueOf(at.pool, room.id))[0];
                if (next && (await noteTelling(at.pool, room.id, next.id, NOW)))
                  await at
                    .transaction((tx) => notePlaying(tx, room.id, next.id, 'played', NOW))
                    .catch(onlyOne);
                break;
              }
              case 'end':
                await at.transaction((tx) => notePlaying(tx, room.id, null, 'played', NOW));
                break;
              case 'threshold':
                await changeRoomSettings(at.pool, room.id, {
                  ...room.settings,
                  likeThreshold: 1 + (track % 3),
                });
                break;
              case 'skip-vote':
                await castSkipVote(at, room.id, who.id, NOW);
                break;
              case 'restart':
                // A process dies with a vote that was stored and not counted.
                await cast(true);
                break;
            }
          };
          for (const burst of bursts) await Promise.all(burst.map(act));
          promotions.push(...(await settleVotes(db, room.id, NOW)).promoted);
          await check(room, promotions);
        },
      ),
      { numRuns: 120 },
    );
  }, 120_000);

  /** Two looks at once would both begin a track; PostgreSQL lets one of them. In the worker they take turns. */
  function onlyOne(error: unknown): void {
    if (!(error instanceof Error && 'code' in error && error.code === '23505')) throw error;
  }

  async function check(room: Room, promotions: readonly number[]): Promise<void> {
    const { rows } = await db.pool.query<{
      id: number;
      state: string;
      track_id: number;
      likes: number;
      dislikes: number;
      counted: number;
      against: number;
    }>(
      `SELECT t.id, t.state, t.track_id, t.likes, t.dislikes,
              (SELECT count(*)::int FROM votes v WHERE v.room_track_id = t.id AND v.is_like) AS counted,
              (SELECT count(*)::int FROM votes v WHERE v.room_track_id = t.id AND NOT v.is_like) AS against
         FROM room_tracks t WHERE t.room_id = $1 ORDER BY t.id`,
      [room.id],
    );
    const open = rows.filter((row) => OPEN.includes(row.state));
    for (const row of open)
      expect([row.id, row.likes, row.dislikes]).toEqual([row.id, row.counted, row.against]);
    expect(new Set(open.map((row) => row.track_id)).size).toBe(open.length);
    expect(open.filter((row) => row.state === 'playing').length).toBeLessThanOrEqual(1);
    expect(new Set(promotions).size).toBe(promotions.length);
    if (room.settings.mode === 'queue') expect(promotions).toEqual([]);
    const banned = await db.pool.query(
      `SELECT 1 FROM votes v JOIN room_participants p ON p.id = v.participant_id
        WHERE p.room_id = $1 AND p.banned_at IS NOT NULL`,
      [room.id],
    );
    expect(banned.rowCount).toBe(0);
    await checkOrder(room);
  }

  /** The rule, said once more: promoted before proposed, then votes, then turns, then age. */
  async function checkOrder(room: Room): Promise<void> {
    const queue = await queueOf(db.pool, room.id);
    const played = await playedBy(db.pool, room.id);
    const net = (track: (typeof queue)[number]) => track.likes - track.dislikes;
    const turn = (track: (typeof queue)[number]) =>
      (played.get(track.proposerId ?? 0) ?? 0) +
      queue.filter(
        (one) =>
          one.proposerId === track.proposerId &&
          (net(one) > net(track) || (net(one) === net(track) && one.id < track.id)),
      ).length;
    const rank = (track: (typeof queue)[number]) => [
      track.state === 'promoted' ? 0 : 1,
      -net(track),
      turn(track),
      track.id,
    ];
    const compare = (a: number[], b: number[]): number => {
      const place = a.findIndex((value, index) => value !== b[index]);
      return place < 0 ? 0 : (a[place] ?? 0) - (b[place] ?? 0);
    };
    const expected = [...queue].sort((a, b) => compare(rank(a), rank(b)));
    expect(queue.map((track) => track.id)).toEqual(expected.map((track) => track.id));
  }
});
