import { getJob, type PlaylistRequest, shareLiked, shufflePlaylist } from '@spindle/contracts';
import { waitFor } from '@spindle/testkit';
import type { Caller } from './caller.ts';
import type { Judged } from './truth/judged.ts';

const OPERATION_MS = 60_000;

/**
 * People whose last operation on a playlist failed ask for it again, into the same playlist, as the page
 * offers them to: none stays half written.
 */
export async function askAgainForFailed(
  { db, records, people }: Judged,
  callerOf: (id: string) => Caller,
): Promise<void> {
  const { rows } = await db.pool.query<{ user_id: number; playlist_id: string; request: PlaylistRequest }>(
    `SELECT user_id, playlist_id, request
       FROM (SELECT DISTINCT ON (playlist_id) user_id, playlist_id, request, status, deleted_at
               FROM shuffled_playlists WHERE playlist_id IS NOT NULL
              ORDER BY playlist_id, finished_at DESC NULLS FIRST, id DESC) last
      WHERE status = 'failed' AND deleted_at IS NULL AND request IS NOT NULL`,
  );
  for (const { user_id: userId, playlist_id: target, request } of rows) {
    const person = people.find((one) => one.userId === userId);
    if (!person) continue;
    const caller = callerOf(person.personId);
    const { kind, ...asked } = request;
    const jobId =
      kind === 'shuffle'
        ? await caller.enqueue(shufflePlaylist, (client, options) =>
            client.enqueue(
              shufflePlaylist,
              { body: { ...(asked as { playlistId: string }), target } },
              options,
            ),
          )
        : await caller.enqueue(shareLiked, (client, options) =>
            client.enqueue(shareLiked, { body: { target } }, options),
          );
    if (jobId === null) continue;
    records.operations.set(person.personId, (records.operations.get(person.personId) ?? 0) + 1);
    await waitFor(
      async () => {
        const { value } = await caller.ask('a job', (client, options) =>
          client.call(getJob, { params: { id: jobId } }, options),
        );
        return value.state === 'succeeded' || value.state === 'failed';
      },
      { timeoutMs: OPERATION_MS, everyMs: 250 },
    ).catch(() => {});
  }
}
