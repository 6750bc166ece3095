import { FEED_EVENT } from '@spindle/contracts';
import { FEED_ROOM } from '@spindle/queues';
import type { Logger } from '@spindle/service-kit';
import type { Socket } from 'socket.io';

/** Who is at the other end; set when the connection was let in, kept through a recovery. */
export interface SocketData {
  /** Absent for visitors. */
  userId?: number;
  /** No listener, but somebody's guest. */
  isGuest?: boolean;
  /** Party rooms that the page shows, by code, and who it is in them. */
  rooms?: Record<string, number>;
}
export type LiveSocket = Socket<
  Record<string, never>,
  Record<string, never>,
  Record<string, never>,
  SocketData
>;

/** `feed` messages of one page that may wait for the first of them; no page sends so many. */
const MOST_WAITING = 20;

/**
 * Lets a page into the feed and out of it, as it asks with `feed` messages. Signed-in listeners may
 * always see it, visitors while it is public.
 */
export function showFeed(
  socket: LiveSocket,
  options: {
    readonly isPublic: () => Promise<boolean>;
    /** A listener looks at the feed. Visitors do not hasten any reading: they could be anybody, and many. */
    readonly watch: () => Promise<void>;
    readonly logger: Logger;
  },
): void {
  const mayStay = async () => socket.data.userId !== undefined || options.isPublic();

  async function enter(): Promise<boolean> {
    if (!(await mayStay())) return false;
    await socket.join(FEED_ROOM);
    // Asked again: whoever closed the feed in between did not find this socket there.
    if (await mayStay()) {
      if (socket.data.userId !== undefined) await options.watch();
      return true;
    }
    await socket.leave(FEED_ROOM);
    return false;
  }

  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  socket.on(FEED_EVENT, (...args: unknown[]) => {
    if (++waiting > MOST_WAITING) {
      socket.disconnect(true);
      return;
    }
    const acknowledge = args.at(-1);
    last = last.then(async () => {
      let ok = false;
      try {
        if (args[0] === true) ok = await enter();
        else {
          await socket.leave(FEED_ROOM);
          ok = true;
        }
      } catch (error) {
        options.logger.warn({ err: error }, 'a page could not be let into the feed');
      }
      waiting--;
      if (typeof acknowledge === 'function') acknowledge({ ok });
    });
  });
  // A connection that recovers gets its rooms back and what they missed, before it is checked again. Of
  // the feed nothing is replayed: the page joins anew and asks the API.
  socket.on('disconnecting', () => void socket.leave(FEED_ROOM));
}
