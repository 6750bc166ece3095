import type { RoomPlaybackState, RoomSettings, RoomTrackView } from '@spindle/contracts';
import { count } from '../time-words.ts';

const plural = (number: number, one: string, many: string): string =>
  `${count(number)} ${number === 1 ? one : many}`;

export const peopleWord = (number: number): string => plural(number, 'person', 'people');
const likesWord = (number: number): string => plural(number, 'like', 'likes');

const score = ({ likes, dislikes }: RoomTrackView): number => likes - dislikes;
const votesWord = (track: RoomTrackView): string => plural(score(track), 'vote', 'votes');

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });
const ENDINGS: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd' };
export const ordinal = (number: number): string => `${number}${ENDINGS[ORDINALS.select(number)] ?? 'th'}`;

const possessive = (name: string): string => `${name}’${/s$/i.test(name) ? '' : 's'}`;

/**
 * What decided among equal votes, with the name of the guest in it, or without: whose turn it is, how many of
 * the same guest came before, or that it came later.
 */
function turnWords(
  track: RoomTrackView,
  place: number,
  queue: readonly RoomTrackView[],
  whose: string,
): { readonly words: string; readonly named: boolean } | null {
  const equals = queue.filter((other) => other.state === track.state && score(other) === score(track));
  if (equals.length < 2 || !track.proposedBy) return null;
  if (equals[0]?.id === track.id)
    return equals.some(({ turn }) => turn > track.turn)
      ? { words: `${whose} turn`, named: true }
      : { words: 'came first', named: false };
  return queue[place - 1]?.turn === track.turn
    ? { words: 'came later', named: false }
    : { words: `${whose} ${ordinal(track.turn + 1)} track`, named: true };
}

/**
 * Where a track stands and why, in a few words: "3 votes · Ann’s turn", "1 vote · came later · Max".
 *
 * @param mine id of the participant who looks
 */
export function placeWords(
  track: RoomTrackView,
  place: number,
  queue: readonly RoomTrackView[],
  settings: Pick<RoomSettings, 'mode' | 'likeThreshold'>,
  mine: string,
): string {
  const { proposedBy } = track;
  if (!proposedBy && score(track) === 0) return 'chosen by chance';
  const isMine = proposedBy?.id === mine;
  const name = !proposedBy ? null : isMine ? 'yours' : proposedBy.displayName;
  const isShort = settings.mode === 'threshold' && track.state === 'proposed';
  const votes = isShort
    ? `${likesWord(Math.max(1, settings.likeThreshold - track.likes))} missing`
    : votesWord(track);
  const turn = isShort
    ? null
    : turnWords(track, place, queue, isMine ? 'your' : possessive(proposedBy?.displayName ?? ''));
  return [votes, turn?.words ?? null, turn?.named ? null : name]
    .filter((words) => words !== null)
    .join(' · ');
}

/** How playback does, in words for everybody; `message` of the playback is for the host. */
export const PLAYBACK: Readonly<Record<RoomPlaybackState, string>> = {
  idle: 'Nothing is playing',
  playing: 'Now playing',
  paused: 'Paused',
  'host-plays': 'The host plays something of their own',
  'no-device': 'Waiting for the host’s player',
  'premium-required': 'Waiting for the host',
  'restricted-device': 'Waiting for the host’s player',
  'reauth-needed': 'Waiting for the host',
  waiting: 'Waiting for Spotify',
};

/** What is said below while nothing plays. */
export function silenceWords(state: RoomPlaybackState, isHost: boolean, waiting: number): string {
  if (TROUBLE[state])
    return isHost ? 'The music goes on as soon as that is settled.' : 'The host sees what is to be done.';
  if (waiting === 0) return 'Propose the first track.';
  return isHost ? 'Start the music when you are ready.' : 'The music begins when the host starts it.';
}

/** What the host is to do where the server has no words of its own. */
export const TROUBLE: Readonly<Partial<Record<RoomPlaybackState, { title: string; todo: string }>>> = {
  'no-device': {
    title: 'No device to play on',
    todo: 'Open Spotify on the phone, computer or speaker that is to play, then choose it here.',
  },
  'premium-required': {
    title: 'Spotify Premium is needed',
    todo: 'Spotify lets other apps play music only for those who have Premium. Hand the room over to somebody who has it.',
  },
  'restricted-device': {
    title: 'This device takes no commands',
    todo: 'Spotify does not let other apps control it. Choose another device.',
  },
  'reauth-needed': {
    title: 'Spotify has disconnected Spindle',
    todo: 'Sign in again, and the music goes on.',
  },
  waiting: {
    title: 'Spotify asks to wait',
    todo: 'It goes on by itself.',
  },
};

/** The rules of a room in sentences, as they matter to a guest. */
export function ruleWords(settings: RoomSettings): string[] {
  const { mode, likeThreshold, proposalsPerGuest, inARow, maxTrackMs, skipThreshold } = settings;
  const minutes = maxTrackMs === null ? null : Math.floor(maxTrackMs / 60_000);
  return [
    mode === 'threshold'
      ? `What gets ${likesWord(likeThreshold)} will be played.${
          likeThreshold === 1 ? '' : ' The rest waits for more.'
        }`
      : 'Whatever has the most votes comes next. A like counts one up, a dislike one down.',
    'Among equal votes guests take turns: whoever has heard fewer of theirs comes first.',
    'After that, what was proposed earlier comes first.',
    inARow === null ? null : `Nobody gets more than ${inARow} in a row while somebody else waits.`,
    proposalsPerGuest === null
      ? null
      : `Everybody has ${plural(proposalsPerGuest, 'track', 'tracks')} waiting at most.`,
    minutes === null ? null : `Tracks have ${plural(minutes, 'minute', 'minutes')} at most.`,
    settings.allowExplicit ? null : 'No explicit tracks.',
    settings.guestsMay === 'pick' ? 'The host has chosen what there is to pick from.' : null,
    skipThreshold === null ? null : `${plural(skipThreshold, 'vote', 'votes')} skip what plays.`,
    'What is marked “next” is with Spotify already and comes whatever is voted.',
  ].filter((line) => line !== null);
}

/** `ABC DEF`: read out and typed more easily than six in a row. */
export const spacedCode = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`;
