import { defineConfig, defineTopic, topics, variable } from '@spindle/service-kit';
import { workerTopics } from '@spindle/worker-kit';
import { z } from 'zod';

/** How many playlists are worked on. */
const playlistsTopic = defineTopic(
  'Playlists',
  {
    atOnce: variable('PLAYLIST_JOBS_AT_ONCE', {
      doc: 'Playlists that one worker reads and writes at the same time; nearly all of the time is Spotify’s.',
      read: z
        .string()
        .regex(/^[1-9]\d{0,2}$/, 'expected a whole number from 1 to 999')
        .transform(Number),
      fallback: '24',
    }),
  },
  ({ atOnce }) => ({ atOnce }),
);

export const readConfig = defineConfig({
  ...workerTopics,
  vault: topics.vault,
  spotify: topics.spotify,
  playlists: playlistsTopic,
});
