import { connect, type Socket } from 'socket.io-client';

// Viewers of the feed, as a process of their own: connects as many visitors as it is told, and says when
// each change reached each of them. Talks with its parent over IPC.

/** What the parent asks. */
export type ViewersRequest =
  | { readonly ask: 'connect'; readonly origin: string; readonly viewers: number }
  | { readonly ask: 'count' };
/** What it answers. */
export type ViewersAnswer =
  | { readonly joined: number }
  | {
      /** Changes that arrived, over all viewers. */
      readonly received: number;
      /** Viewers that lost their connection. */
      readonly lost: number;
      /** From the change to its arrival at a viewer, ms, one for each arrival. */
      readonly latencies: readonly number[];
    };

/** Connections made at the same time. */
const AT_ONCE = 50;

const latencies: number[] = [];
let lost = 0;

/** One visitor's page; false when it was not let in. */
function view(origin: string): Promise<boolean> {
  const socket: Socket = connect(origin, { transports: ['websocket'], forceNew: true, reconnection: false });
  // The change carries when it was made.
  socket.on('feed-changed', ({ observedAt }: { observedAt: string }) => {
    latencies.push(Date.now() - Date.parse(observedAt));
  });
  return new Promise((resolve) => {
    socket.once('connect_error', () => resolve(false));
    socket.once('connect', () => {
      socket.once('disconnect', () => lost++);
      socket.emit('feed', true, ({ ok }: { ok: boolean }) => resolve(ok));
    });
  });
}

async function connectAll(origin: string, viewers: number): Promise<number> {
  let left = viewers;
  let joined = 0;
  const line = async () => {
    while (left-- > 0) if (await view(origin)) joined++;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return joined;
}

const answer = (what: ViewersAnswer) => process.send?.(what);

process.on('message', async (request: ViewersRequest) => {
  if (request.ask === 'connect') answer({ joined: await connectAll(request.origin, request.viewers) });
  else answer({ received: latencies.length, lost, latencies });
});
process.on('disconnect', () => process.exit());
