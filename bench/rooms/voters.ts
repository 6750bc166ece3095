import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchGuest, type BenchVote, nowMs, type VotersAnswer, type VotersRequest } from './messages.ts';

// Guests who vote over HTTP, as a process of its own. A vote that is not answered is sent again, as a
// phone does. Talks with its parent over IPC.

const agent = new Agent({ keepAlive: true, maxSockets: 128 });
const MOST_TRIES = 40;
const AGAIN_MS = 100;
/** Longer than any answer takes. */
const ANSWER_MS = 15_000;

interface Answer {
  readonly status: number;
  readonly body: string;
}

function post(url: string, token: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const asked = request(url, { method: 'POST', agent, headers, timeout: ANSWER_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end(body);
  });
}

async function vote(
  origin: string,
  guests: readonly BenchGuest[],
  index: number,
  track: { readonly id: string; readonly uri: string },
  isLike: boolean,
): Promise<BenchVote | null> {
  const guest = guests[index];
  if (!guest) return null;
  const body = JSON.stringify({ trackUri: track.uri, isLike });
  const sentAt = nowMs();
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const answer = await post(`${origin}/rooms/${guest.code}/vote`, guest.token, body).catch(() => null);
    if (answer?.status === 200) {
      const { likes, dislikes } = JSON.parse(answer.body);
      const total = likes + dislikes;
      return { sentAt, answeredAt: nowMs(), guest: index, roomTrackId: track.id, isLike, total, tries };
    }
    await sleep(AGAIN_MS);
  }
  return null;
}

async function run({ origin, guests, tracks, rate, votes }: VotersRequest): Promise<VotersAnswer> {
  const startedAt = performance.now();
  const sent: Promise<BenchVote | null>[] = [];
  for (let n = 0; n < votes; n++) {
    if (rate !== null) {
      const due = startedAt + (n * 1_000) / rate - performance.now();
      if (due > 1) await sleep(due);
    }
    // Every pair of guest and track comes once: a guest's next vote is for the next track.
    const index = n % guests.length;
    const ofRoom = tracks[guests[index]?.code ?? ''] ?? [];
    const track = ofRoom[(index + Math.floor(n / guests.length)) % ofRoom.length];
    if (track) sent.push(vote(origin, guests, index, track, rate === null || n % 5 > 0));
  }
  const answered = await Promise.all(sent);
  const good = answered.filter((one) => one !== null);
  return { votes: good, failed: answered.length - good.length };
}

process.on('message', async (asked: VotersRequest) => {
  process.send?.(await run(asked));
});
process.on('disconnect', () => process.exit());
