import { Anchor, Badge, Button, Group, Text, Tooltip } from '@mantine/core';
import type { LibraryPlaylistView } from '@spindle/contracts';
import { IconArrowsShuffle, IconShare } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { count, relative } from '../time-words.ts';
import { SourcePicture } from './liked-tile.tsx';
import classes from './playlist-row.module.css';
import { tracksWord } from './playlist-words.ts';

const UNREADABLE = 'Spotify lets only its owner and collaborators read it.';

function Facts({ playlist }: { readonly playlist: LibraryPlaylistView }): ReactNode {
  const { made } = playlist;
  const facts = [
    playlist.tracks === null ? null : tracksWord(playlist.tracks),
    playlist.own || playlist.owner === null ? null : `by ${playlist.owner}`,
    made ? `written ${relative(made.at)}` : null,
  ].filter((fact) => fact !== null);
  return (
    <Group gap="2px 8px">
      <Text size="sm" c="dimmed">
        {facts.join(' · ')}
      </Text>
      {playlist.collaborative ? (
        <Badge size="xs" variant="default" tt="none">
          collaborative
        </Badge>
      ) : null}
      {made ? (
        <Badge size="xs" variant="light" tt="none" title={`Made of ${made.sourceName}`}>
          made here
        </Badge>
      ) : null}
    </Group>
  );
}

/** A playlist of the library with the way to shuffle it. */
export function PlaylistRow(props: {
  readonly playlist: LibraryPlaylistView;
  readonly onShuffle: () => void;
  readonly onShare?: () => void;
}): ReactNode {
  const { playlist, onShuffle, onShare } = props;
  const { readable, name } = playlist;
  const reason = `why-not-${playlist.id}`;
  const button = (
    <Button
      variant="light"
      size="sm"
      className={classes.button}
      leftSection={<IconArrowsShuffle size={18} aria-hidden />}
      aria-label={`Shuffle ${name}`}
      aria-haspopup="dialog"
      disabled={!readable}
      aria-describedby={readable ? undefined : reason}
      onClick={onShuffle}
    >
      <span className={classes.word}>Shuffle</span>
    </Button>
  );
  return (
    <Group
      component="li"
      wrap="nowrap"
      gap="sm"
      py="xs"
      className={classes.row}
      data-testid="playlist"
      aria-label={playlist.tracks === null ? name : `${name}, ${count(playlist.tracks)}`}
    >
      <SourcePicture source={playlist} size={52} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text fw={600} size="sm" lineClamp={2} className={classes.name} title={name}>
          <Anchor href={playlist.url} target="_blank" rel="noreferrer" inherit c="inherit" dir="auto">
            {name}
          </Anchor>
        </Text>
        <Facts playlist={playlist} />
        {readable ? null : (
          <Text size="xs" c="dimmed" id={reason}>
            {UNREADABLE}
          </Text>
        )}
      </div>
      {onShare ? (
        <Button
          variant="default"
          size="sm"
          className={classes.button}
          leftSection={<IconShare size={18} aria-hidden />}
          aria-label={`Share ${name}`}
          aria-haspopup="dialog"
          onClick={onShare}
        >
          <span className={classes.word}>Share</span>
        </Button>
      ) : null}
      {readable ? (
        button
      ) : (
        <Tooltip label={UNREADABLE}>
          <span>{button}</span>
        </Tooltip>
      )}
    </Group>
  );
}
