import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/**
 * Where Spotify's metadata and artwork are shown, Spotify is named and linked. Its logo may not be
 * redrawn and is not ours to ship, so the name stands in plain text.
 */
export function Attribution(): ReactNode {
  return (
    <Text size="xs" c="dimmed" ta="center">
      Music data and artwork from{' '}
      <Anchor href="https://open.spotify.com" target="_blank" rel="noreferrer" inherit underline="always">
        Spotify
      </Anchor>
      . Spindle is not affiliated with Spotify.
    </Text>
  );
}
