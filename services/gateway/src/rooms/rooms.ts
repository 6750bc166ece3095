import { type Room, uncountedTracks } from '@spindle/db';
import { Board, type BoardParts } from './board.ts';
import { RENEW_MS } from './presence.ts';

/** A board of which nobody has asked anything for so long, and that nobody here looks at, is let go of. */
const IDLE_MS = 60_000;

/** The rooms of this gateway: a board of each in which something goes on here, and who has it open here. */
export class Rooms {
  readonly #parts: BoardParts;
  readonly #boards = new Map<string, Board>();
  /** Participants with a socket on this gateway, by code. */
  readonly #here = new Map<string, Set<number>>();
  readonly #timer: NodeJS.Timeout;
  #renewing: Promise<void> | undefined;

  constructor(parts: BoardParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => {
      this.#renewing ??= this.#renew().finally(() => {
        this.#renewing = undefined;
      });
    }, RENEW_MS);
    this.#timer.unref();
  }

  of(room: Pick<Room, 'id' | 'code'>): Board {
    let board = this.#boards.get(room.code);
    if (!board) {
      board = new Board(this.#parts, room, () => this.#here.get(room.code)?.size ?? 0);
      this.#boards.set(room.code, board);
    }
    return board;
  }

  /** The first page of a participant on this gateway shows the room. */
  async appeared(code: string, participantId: number): Promise<void> {
    const here = this.#here.get(code) ?? new Set();
    this.#here.set(code, here.add(participantId));
    await this.#parts.presence.note(code, [participantId]);
    this.#boards.get(code)?.people([participantId]);
  }

  /** The last page of a participant on this gateway shows it no more. */
  async vanished(code: string, participantId: number): Promise<void> {
    const here = this.#here.get(code);
    here?.delete(participantId);
    if (here?.size === 0) this.#here.delete(code);
    await this.#parts.presence.drop(code, [participantId]);
    this.#boards.get(code)?.people([participantId]);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    await Promise.all([...this.#here].map(([code, ids]) => this.#parts.presence.drop(code, [...ids])));
    await Promise.all([...this.#boards.values()].map((board) => board.close()));
  }

  /** Says again who is here, and puts right what a gateway that died has left behind. */
  async #renew(): Promise<void> {
    const { db, presence, logger } = this.#parts;
    const open: Board[] = [];
    for (const [code, board] of this.#boards) {
      const here = this.#here.get(code);
      if (here) {
        open.push(board);
        await presence.note(code, [...here]);
        const gone = await presence.sweep(code);
        if (gone.length > 0) board.people(gone);
      } else if (performance.now() - board.usedAt > IDLE_MS) {
        this.#boards.delete(code);
        await board.close();
      }
    }
    if (open.length === 0) return;
    try {
      const uncounted = await uncountedTracks(
        db.pool,
        open.map((board) => board.roomId),
      );
      for (const board of open) board.heal(uncounted.get(board.roomId) ?? []);
    } catch (error) {
      logger.warn({ err: error }, 'it could not be looked up whether all votes are counted');
    }
  }
}
