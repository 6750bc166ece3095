import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiError,
  type Client,
  createClient,
  joinRoom,
  openRoom,
  playInRoom,
  proposeTrack,
  type RoomAnswer,
  type RoomChange,
  setRoomDevice,
  voteInRoom,
} from '@spindle/contracts';
import { type Random, seededRandom } from '@spindle/service-kit';
import { connect, type Socket } from 'socket.io-client';
import { type Caller, persist } from './caller.ts';
import { type Life, rest } from './people.ts';
import { voteKey } from './votes.ts';

/** Tracks that a room has to vote on. */
const TRACKS = 8;
/** Of the guests, so many have a screen that is looked at. */
const SCREENS = 2;

interface Guest {
  readonly participantId: string;
  readonly token: string;
  readonly client: Client;
}

interface Proposal {
  readonly id: string;
  readonly uri: string;
}

/** A party that somebody gives: its guests vote over HTTP, and some of them look at a screen. */
export interface Party {
  readonly code: string;
  close(): void;
}

async function join(life: Life, code: string, name: string): Promise<Guest> {
  const { records, system } = life;
  const anonymous = createClient({ baseUrl: system.url });
  for (let n = 0; ; n++) {
    // Whoever joined and was not told so cannot have that name again.
    const nickname = n === 0 ? name : `${name} ${n}`;
    try {
      const { value } = await persist(records, `${name} joins`, (signal) =>
        anonymous.call(joinRoom, { params: { code }, body: { nickname } }, { signal }),
      );
      const { token, room } = value;
      if (token === null || !room.me) throw new Error(`${name} joined without a token`);
      const headers = { authorization: `Bearer ${token}` };
      return {
        participantId: room.me.participantId,
        token,
        client: createClient({ baseUrl: system.url, headers }),
      };
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem.status >= 500 || n > 5) throw error;
    }
  }
}

/** One vote of a guest, sent until it is answered. */
async function vote(
  life: Life,
  code: string,
  guest: Guest,
  proposal: Proposal,
  random: Random,
): Promise<void> {
  const { votes } = life.records;
  const key = voteKey(proposal.id, guest.participantId);
  const before = votes.get(key);
  if (before?.isFixed) return;
  const isLike = random.int(8) === 0 ? null : random.int(4) > 0;
  const known = { roomTrackId: proposal.id, participantId: guest.participantId };
  votes.set(key, { ...known, isLike, isOpen: true, isFixed: true });
  try {
    const body = { trackUri: proposal.uri, isLike };
    const { isDoubtful } = await persist(life.records, 'a vote', (signal) =>
      guest.client.call(voteInRoom, { params: { code }, body }, { signal }),
    );
    votes.set(key, { ...known, isLike, isOpen: false, isFixed: isDoubtful });
  } catch (error) {
    const isLost = (error as { isDoubtful?: boolean }).isDoubtful ?? true;
    // The track was played meanwhile: what was said before stands, unless a sending was lost before that.
    if (!(error instanceof ApiError) || error.problem.status !== 404) throw error;
    if (isLost) return;
    if (before) votes.set(key, { ...before, isFixed: true });
    else votes.delete(key);
  }
}

/** Follows a room as a page does, and notes which tracks it is told were promoted, and when. */
function look(life: Life, code: string, guest: Guest): Socket {
  const { promotions } = life.records;
  const socket = connect(life.system.url, {
    transports: ['websocket'],
    forceNew: true,
    auth: { token: guest.token },
    reconnectionDelay: 100,
    reconnectionDelayMax: 1_000,
  });
  const note = (tracks: readonly { id: string; state: string; promotedAt: string | null }[]) => {
    for (const track of tracks) {
      if (track.promotedAt === null) continue;
      promotions.set(track.id, (promotions.get(track.id) ?? new Set()).add(track.promotedAt));
    }
  };
  const enter = async () => {
    while (socket.connected) {
      try {
        const answer: RoomAnswer = await socket.timeout(5_000).emitWithAck('room', { code });
        if (answer.ok) return note([...answer.state.queue, ...answer.state.played]);
      } catch {
        // The gateway is busy, or gone.
      }
      await sleep(500);
    }
  };
  socket.on('room', (change: RoomChange) => note([...(change.tracks ?? []), ...(change.counts ?? [])]));
  socket.on('connect', () => void (socket.recovered ? undefined : enter()));
  socket.on('disconnect', () => {
    if (!life.isOver() && !socket.active) socket.connect();
  });
  return socket;
}

/**
 * Opens a room, and has guests come and vote until life is over.
 *
 * @param plays the host starts the music, so that tracks are played and leave
 */
export async function giveParty(
  life: Life,
  host: Caller,
  guestCount: number,
  plays: boolean,
): Promise<{ readonly party: Party; readonly over: Promise<void> }> {
  const { records, system } = life;
  const random = seededRandom(`${life.seed}/party/${host.personId}`);
  const likeThreshold = Math.max(2, Math.ceil(guestCount * 0.55));
  const { value: opened } = await host.ask('a room', (client, options) =>
    client.call(
      openRoom,
      { body: { name: `Party of ${host.personId}`, mode: 'threshold', likeThreshold } },
      options,
    ),
  );
  const { code } = opened.room;
  records.rooms.push(code);
  const playable = system.sandbox.catalogue.tracks.filter((track) => track.playable);
  const proposals: Proposal[] = [];
  const propose = async () => {
    const track = playable[random.int(playable.length)];
    if (!track || proposals.some(({ uri }) => uri === track.uri)) return;
    const proposed = await host
      .ask('a proposal', (client, options) =>
        client.call(proposeTrack, { params: { code }, body: { trackUri: track.uri } }, options),
      )
      .catch((error: unknown) => {
        // Spotify has to be asked what the track is, and that may take longer than a host waits.
        if (error instanceof ApiError && error.problem.status === 422) return null;
        throw error;
      });
    if (!proposed) return rest(life, random, 1_000);
    const { value } = proposed;
    proposals.push({ id: value.id, uri: track.uri });
    const participantId = opened.room.me?.participantId ?? '';
    // Whoever proposes a track likes it.
    records.votes.set(voteKey(value.id, participantId), {
      roomTrackId: value.id,
      participantId,
      isLike: true,
      isOpen: false,
      isFixed: true,
    });
  };
  const sockets: Socket[] = [];
  const fill = async (): Promise<void> => {
    while (proposals.length < TRACKS && !life.isOver()) await propose();
  };

  const dance = async (guest: Guest, n: number): Promise<void> => {
    const own = seededRandom(`${life.seed}/guest/${code}/${n}`);
    while (!life.isOver()) {
      await rest(life, own, life.restMs / 2);
      // The newest are the ones that still wait.
      const open = proposals.slice(-TRACKS * 2);
      const proposal = open[own.int(Math.max(1, open.length))];
      try {
        if (proposal && !life.isOver()) await vote(life, code, guest, proposal, own);
      } catch (error) {
        records.complaints.push(`a guest in ${code}: ${String(error)}`);
      }
    }
  };
  const lead = async (): Promise<void> => {
    const device = system.sandbox.control
      .people()
      .find(({ id }) => id === host.personId)
      ?.devices.find(({ restricted }) => !restricted);
    if (plays && device) {
      await host.enqueue(setRoomDevice, (client, options) =>
        client.enqueue(setRoomDevice, { params: { code }, body: { deviceId: device.id } }, options),
      );
    }
    while (!life.isOver()) {
      if (plays) {
        await host.enqueue(playInRoom, (client, options) =>
          client.enqueue(playInRoom, { params: { code }, body: {} }, options),
        );
      }
      await rest(life, random, life.restMs * 4);
      if (!life.isOver()) await propose();
    }
  };
  const come = async (n: number): Promise<void> => {
    const guest = await join(life, code, `Guest ${n + 1}`);
    if (n < SCREENS) sockets.push(look(life, code, guest));
    await dance(guest, n);
  };
  const over = Promise.all([
    ...Array.from({ length: guestCount }, (_, n) => come(n)),
    fill().then(lead),
  ]).then(
    () => {},
    (error: unknown) => {
      records.complaints.push(`the party of ${host.personId}: ${String(error)}`);
    },
  );
  const close = () => {
    for (const socket of sockets) socket.disconnect();
  };
  return { party: { code, close }, over };
}
