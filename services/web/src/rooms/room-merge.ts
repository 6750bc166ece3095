import type {
  RoomChange,
  RoomPlaybackView,
  RoomState,
  RoomTrackCounts,
  RoomTrackView,
} from '@spindle/contracts';
import { inOrder, type OrderedTrack, turnsOf } from '@spindle/rooms';

/** Tracks that were played, as far back as a page shows them. */
const PLAYED_SHOWN = 50;

/** What a page knows of a room. */
export interface RoomData extends RoomState {
  /** Tracks that were taken away, with their last `rev`: what comes late does not bring them back. */
  readonly removed: Readonly<Record<string, number>>;
  /** Whoever looks was sent out, or left on another page. */
  readonly isOut: boolean;
}

export const roomData = (state: RoomState): RoomData => ({
  ...state,
  queue: inTurn(state.queue),
  removed: {},
  isOut: false,
});

const isWaiting = ({ state }: Pick<RoomTrackView, 'state'>) => state === 'proposed' || state === 'promoted';
const byPlay = (a: RoomTrackView, b: RoomTrackView) =>
  Date.parse(b.playedAt ?? '') - Date.parse(a.playedAt ?? '') || Number(b.id) - Number(a.id);

const ordered = (track: RoomTrackView): OrderedTrack & { readonly view: RoomTrackView } => ({
  id: Number(track.id),
  likes: track.likes,
  dislikes: track.dislikes,
  proposerId: track.proposedBy ? Number(track.proposedBy.id) : null,
  proposedAtMs: Date.parse(track.proposedAt),
  view: track,
});

/**
 * What waits, in the server's order: by the rule of `packages/rooms`, what a threshold promoted first. How
 * many tracks of a guest were played follows from their turns: the first that waits has that many before it.
 */
export function inTurn(waiting: readonly RoomTrackView[]): RoomTrackView[] {
  const tracks = waiting.map(ordered);
  const playedBy = new Map<number, number>();
  for (const { proposerId, view } of tracks)
    if (proposerId !== null)
      playedBy.set(proposerId, Math.min(playedBy.get(proposerId) ?? view.turn, view.turn));
  const turns = turnsOf(tracks, playedBy);
  const order = inOrder(tracks, playedBy).map(({ id, proposerId, view }) =>
    proposerId === null ? view : { ...view, turn: turns.get(id) ?? view.turn },
  );
  return [
    ...order.filter(({ state }) => state === 'promoted'),
    ...order.filter(({ state }) => state !== 'promoted'),
  ];
}

/** The room after these tracks are as they are told, unless what is told is older than what is known. */
function withTracks(
  room: RoomData,
  tracks: readonly RoomTrackView[],
  counts: readonly RoomTrackCounts[],
): { readonly room: RoomData; readonly isMissing: boolean } {
  const known = new Map([...room.queue, ...room.played].map((track) => [track.id, track]));
  const removed = { ...room.removed };
  let isMissing = false;
  const take = (track: RoomTrackView) => {
    if (track.rev < Math.max(known.get(track.id)?.rev ?? 0, removed[track.id] ?? 0)) return;
    if (track.state === 'removed') {
      known.delete(track.id);
      removed[track.id] = track.rev;
    } else known.set(track.id, track);
  };
  for (const track of tracks) take(track);
  for (const count of counts) {
    const track = known.get(count.id);
    if (track) take({ ...track, ...count });
    else if (removed[count.id] === undefined && count.state !== 'removed') isMissing = true;
  }
  const all = [...known.values()];
  return {
    isMissing,
    room: {
      ...room,
      removed,
      queue: inTurn(all.filter(isWaiting)),
      played: all
        .filter((track) => !isWaiting(track) && track.playedAt !== null)
        .sort(byPlay)
        .slice(0, PLAYED_SHOWN),
    },
  };
}

/**
 * The room after something changed in it, as the contract of the event has it. `isMissing`: something was
 * told of a track that is not known, so the state is to be asked for.
 */
export function afterChange(
  before: RoomData,
  change: RoomChange,
): { readonly room: RoomData; readonly isMissing: boolean } {
  const { tracks = [], counts = [], playback, participants = [] } = change;
  const { room: after, isMissing } =
    tracks.length + counts.length > 0
      ? withTracks(before, tracks, counts)
      : { room: before, isMissing: false };
  const { me } = before.room;
  const mine = participants.find(({ id }) => id === me?.participantId);
  const told = change.room && change.room.rev >= before.room.rev ? change.room : null;
  return {
    isMissing,
    room: {
      ...after,
      room: {
        ...before.room,
        ...told,
        me: me && mine ? { ...me, displayName: mine.displayName, isHost: mine.isHost } : me,
      },
      playback: newerPlayback(before.playback, playback),
      isOut: before.isOut || mine?.left === true,
    },
  };
}

const newerPlayback = (before: RoomPlaybackView, after: RoomPlaybackView | undefined): RoomPlaybackView =>
  after && after.rev >= before.rev ? after : before;

/** A vote that was pressed here, and that the server may not have counted yet. */
export interface PendingVote {
  /** Null: taken back. */
  readonly isLike: boolean | null;
  /** What the server had when it was pressed. */
  readonly before: { readonly rev: number; readonly isLike: boolean | null };
}

const counted = (isLike: boolean | null) => ({
  likes: isLike === true ? 1 : 0,
  dislikes: isLike === false ? 1 : 0,
});

function withVote(track: RoomTrackView, vote: PendingVote | undefined): RoomTrackView {
  // Whatever was counted since has this vote in it, or will have it in a moment.
  if (!vote || track.rev !== vote.before.rev) return track;
  const [from, to] = [counted(vote.before.isLike), counted(vote.isLike)];
  return {
    ...track,
    likes: Math.max(0, track.likes + to.likes - from.likes),
    dislikes: Math.max(0, track.dislikes + to.dislikes - from.dislikes),
  };
}

/** The room as it will be when these votes are counted. */
export function withVotes(room: RoomData, votes: ReadonlyMap<string, PendingVote>): RoomData {
  if (votes.size === 0) return room;
  const { me } = room.room;
  const mine = { ...me?.votes };
  for (const [id, { isLike }] of votes) {
    if (isLike === null) delete mine[id];
    else mine[id] = isLike;
  }
  return {
    ...room,
    room: { ...room.room, me: me && { ...me, votes: mine } },
    queue: inTurn(room.queue.map((track) => withVote(track, votes.get(track.id)))),
    played: room.played.map((track) => withVote(track, votes.get(track.id))),
  };
}

/** The room after the server has taken a vote; counts that were told since are newer than its answer. */
export function afterVote(
  room: RoomData,
  id: string,
  vote: PendingVote,
  answer: { readonly likes: number; readonly dislikes: number },
): RoomData {
  const { me } = room.room;
  const votes = { ...me?.votes };
  if (vote.isLike === null) delete votes[id];
  else votes[id] = vote.isLike;
  const take = (track: RoomTrackView) =>
    track.id === id && track.rev === vote.before.rev
      ? { ...track, likes: answer.likes, dislikes: answer.dislikes }
      : track;
  return {
    ...room,
    room: { ...room.room, me: me && { ...me, votes } },
    queue: inTurn(room.queue.map(take)),
    played: room.played.map(take),
  };
}
