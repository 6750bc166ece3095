import { describe, expect, it } from '@jest/globals';
import { ROOM_DEFAULTS, type RoomState, type RoomTrackCounts, type RoomTrackView } from '@spindle/contracts';
import { afterChange, afterVote, type RoomData, roomData, withVotes } from '../src/rooms/room-merge.ts';
import { placeWords, ruleWords } from '../src/rooms/room-words.ts';
import { heldOrder } from '../src/rooms/use-held-order.ts';

const AT = Date.parse('2026-11-21T20:00:00Z');
const iso = (minute: number) => new Date(AT + minute * 60_000).toISOString();

function track(id: number, given: Partial<RoomTrackView> & { readonly by?: number } = {}): RoomTrackView {
  const { by = 1, ...rest } = given;
  return {
    id: String(id),
    uri: `spotify:track:${String(id).padStart(22, '0')}`,
    track: {
      id: String(id),
      spotifyId: String(id).padStart(22, '0'),
      name: `Track ${id}`,
      url: null,
      durationMs: 200_000,
      explicit: false,
      artists: [],
      album: null,
    },
    state: 'proposed',
    likes: 1,
    dislikes: 0,
    proposedBy: by === 0 ? null : { id: String(by), displayName: `Guest ${by}` },
    turn: 0,
    proposedAt: iso(id),
    promotedAt: null,
    playedAt: null,
    rev: 1,
    ...rest,
  };
}

function room(queue: readonly RoomTrackView[], played: readonly RoomTrackView[] = []): RoomData {
  const state: RoomState = {
    room: {
      code: 'ABC234',
      settings: ROOM_DEFAULTS,
      url: 'http://here/party/ABC234',
      host: { displayName: 'Ann' },
      createdAt: iso(0),
      endedAt: null,
      guests: { joined: 2, present: 2 },
      me: { participantId: '1', displayName: 'Guest 1', isHost: false, votes: {}, skipVote: null },
      rev: 5,
    },
    playback: {
      state: 'idle',
      message: null,
      roomTrackId: null,
      track: null,
      startedAt: null,
      progressMs: null,
      durationMs: null,
      nextRoomTrackId: null,
      skipVotes: 0,
      device: null,
      rev: 3,
    },
    queue: [...queue],
    played: [...played],
  };
  return roomData(state);
}

const ids = ({ queue }: RoomData) => queue.map(({ id }) => Number(id));
const counts = (view: RoomTrackView, change: Partial<RoomTrackCounts>): RoomTrackCounts => ({
  id: view.id,
  state: view.state,
  likes: view.likes,
  dislikes: view.dislikes,
  turn: view.turn,
  promotedAt: view.promotedAt,
  playedAt: view.playedAt,
  rev: view.rev + 1,
  ...change,
});
const code = 'ABC234';

describe('a room after something changed in it', () => {
  it('stands in the server’s order: votes, turns, age', () => {
    const waiting = [track(1), track(2, { turn: 1 }), track(3, { by: 2, likes: 0 }), track(4, { by: 2 })];
    expect(ids(room(waiting))).toEqual([1, 4, 2, 3]);
    const one = track(3, { by: 2, likes: 0 });
    const after = afterChange(room(waiting), { code, counts: [counts(one, { likes: 4 })] });
    // The fourth is its guest’s second now.
    expect(ids(after.room)).toEqual([3, 1, 2, 4]);
  });

  it('counts what a guest has heard already, as the turns tell it', () => {
    const heard = track(1, { turn: 3 });
    expect(ids(room([heard, track(2, { by: 2 })]))).toEqual([2, 1]);
  });

  it('has what a threshold promoted first', () => {
    expect(ids(room([track(1, { likes: 5 }), track(2, { by: 2, state: 'promoted', likes: 3 })]))).toEqual([
      2, 1,
    ]);
  });

  it('keeps what it has when something older comes late', () => {
    const known = track(1, { likes: 4, rev: 7 });
    const { room: after } = afterChange(room([known]), {
      code,
      counts: [counts(known, { likes: 2, rev: 6 })],
    });
    expect(after.queue[0]?.likes).toBe(4);
    const older = { ...after.playback, state: 'playing' as const, rev: 2 };
    expect(afterChange(after, { code, playback: older }).room.playback.state).toBe('idle');
    expect(afterChange(after, { code, playback: { ...older, rev: 3 } }).room.playback.state).toBe('playing');
  });

  it('moves what begins to play to what was played', () => {
    const one = track(1);
    const { room: after } = afterChange(room([one, track(2)]), {
      code,
      counts: [counts(one, { state: 'playing', playedAt: iso(9) })],
    });
    expect(ids(after)).toEqual([2]);
    expect(after.played.map(({ id }) => id)).toEqual(['1']);
  });

  it('does not bring back what was taken away', () => {
    const one = track(1, { rev: 4 });
    const gone = afterChange(room([one]), { code, tracks: [{ ...one, state: 'removed', rev: 5 }] }).room;
    expect(ids(gone)).toEqual([]);
    const late = afterChange(gone, { code, tracks: [one], counts: [counts(one, { rev: 4 })] });
    expect(ids(late.room)).toEqual([]);
    expect(late.isMissing).toBe(false);
  });

  it('asks for what it does not know', () => {
    expect(afterChange(room([]), { code, counts: [counts(track(9), {})] }).isMissing).toBe(true);
  });

  it('keeps what is mine, and learns who is the host and who is out', () => {
    const before = room([]);
    const me = {
      id: '1',
      displayName: 'Guest 1',
      isHost: true,
      isListener: true,
      joinedAt: iso(0),
      present: true,
      left: false,
    };
    const { me: _, ...told } = { ...before.room, rev: 6 };
    const after = afterChange(before, { code, room: told, participants: [me] }).room;
    expect(after.room.me).toMatchObject({ participantId: '1', isHost: true });
    expect(after.isOut).toBe(false);
    expect(afterChange(after, { code, participants: [{ ...me, left: true }] }).room.isOut).toBe(true);
  });
});

describe('a vote on its way', () => {
  const one = track(1, { by: 2, rev: 3 });
  const vote = { isLike: true, before: { rev: 3, isLike: null } };

  it('shows at once, and goes when it is given up', () => {
    const before = room([track(2), one]);
    const shown = withVotes(before, new Map([['1', vote]]));
    expect(shown.queue[0]).toMatchObject({ id: '1', likes: 2 });
    expect(shown.room.me?.votes).toEqual({ '1': true });
    expect(withVotes(before, new Map())).toBe(before);
  });

  it('is not counted twice when the server tells of it before it answers', () => {
    const told = afterChange(room([one]), { code, counts: [counts(one, { likes: 2, rev: 4 })] }).room;
    expect(withVotes(told, new Map([['1', vote]])).queue[0]?.likes).toBe(2);
    expect(afterVote(told, '1', vote, { likes: 2, dislikes: 0 }).queue[0]?.likes).toBe(2);
  });

  it('turns a like into a dislike, and takes it back', () => {
    const liked = { ...vote, before: { rev: 3, isLike: true } };
    const turned = withVotes(room([one]), new Map([['1', { ...liked, isLike: false }]]));
    expect(turned.queue[0]).toMatchObject({ likes: 0, dislikes: 1 });
    const back = withVotes(room([one]), new Map([['1', { ...liked, isLike: null }]]));
    expect(back.queue[0]).toMatchObject({ likes: 0, dislikes: 0 });
    expect(back.room.me?.votes).toEqual({});
  });
});

describe('words', () => {
  const { settings } = room([]).room;
  it('say why a track stands where it does', () => {
    const { queue } = room([
      track(1),
      track(2, { turn: 1 }),
      track(3, { by: 2, likes: 3 }),
      track(4, { by: 3 }),
    ]);
    const said = queue.map((one, place) => placeWords(one, place, queue, settings, '3'));
    expect(said).toEqual([
      '3 votes · Guest 2',
      '1 vote · Guest 1’s turn',
      '1 vote · came later · yours',
      '1 vote · Guest 1’s 2nd track',
    ]);
  });
  it('say how many likes are missing', () => {
    const waits = track(1, { likes: 2 });
    const threshold = { mode: 'threshold', likeThreshold: 3 } as const;
    expect(placeWords(waits, 0, [waits], threshold, '9')).toBe('1 like missing · Guest 1');
    expect(ruleWords({ ...settings, ...threshold })[0]).toBe(
      'What gets 3 likes will be played. The rest waits for more.',
    );
  });
});

it('nothing moves under a hand: newcomers come last, who left is gone', () => {
  expect(heldOrder(['1', '2', '3'], ['3', '4', '1'])).toEqual(['1', '3', '4']);
});
