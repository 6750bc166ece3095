import { ActionIcon, Group, Modal, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { searchCatalogue, type TopItem } from '@spindle/contracts';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { plays } from '../statistics/figure-words.ts';
import { STATISTICS } from '../statistics/queries.ts';
import { faceOf, type ItemFace } from '../statistics/top-rows.tsx';
import classes from './search-dialog.module.css';

interface Hit {
  readonly kind: string;
  readonly face: ItemFace;
  readonly plays: number;
}

function useHits(q: string): { readonly hits: readonly Hit[]; readonly searched: boolean } {
  const { data } = useQuery({
    queryKey: [STATISTICS, 'search', 'all', q],
    queryFn: ({ signal }) => api.call(searchCatalogue, { query: { q, limit: 6 } }, { signal }),
    enabled: q !== '',
  });
  const hit = (kind: string, item: Pick<TopItem, 'track' | 'artist' | 'album'>, number: number) => ({
    kind,
    face: faceOf(item, 36),
    plays: number,
  });
  const hits = data
    ? [
        ...data.artists.map((one) => hit('Artist', { artist: one.artist }, one.plays)),
        ...data.tracks.map((one) => hit('Track', { track: one.track }, one.plays)),
        ...data.albums.map((one) => hit('Album', { album: one.album }, one.plays)),
      ]
    : [];
  return { hits, searched: data !== undefined };
}

function Dialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [q] = useDebouncedValue(text.trim(), 200);
  const { hits, searched } = useHits(q);
  const open = ({ face }: Hit) => {
    onClose();
    if (face.place) void navigate({ to: face.place.to, params: { id: face.place.id } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const hit = hits[at];
    if (step !== 0 && hits.length > 0) {
      event.preventDefault();
      setAt((at + step + hits.length) % hits.length);
    } else if (event.key === 'Enter' && hit) {
      event.preventDefault();
      open(hit);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding="xs"
      size="lg"
      aria-label="Search"
      yOffset="10vh"
    >
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        placeholder="Tracks, artists and albums you have played"
        aria-label="Search"
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls="search-hits"
        aria-activedescendant={hits.length > 0 ? `search-hit-${at}` : undefined}
        leftSection={<IconSearch size={18} aria-hidden />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <Stack gap={2} role="listbox" id="search-hits" aria-label="Found">
        {hits.map((hit, index) => (
          <UnstyledButton
            key={`${hit.kind}${hit.face.key}`}
            id={`search-hit-${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            className={classes.hit}
            onClick={() => open(hit)}
            onMouseMove={() => setAt(index)}
          >
            <Group wrap="nowrap" gap="sm">
              <div style={{ flex: 1, minWidth: 0 }}>
                <Text size="sm" fw={600} truncate>
                  <bdi>{hit.face.name}</bdi>
                </Text>
                <Text size="xs" c="dimmed" truncate>
                  {[hit.kind, hit.face.by].filter(Boolean).join(' · ')}
                </Text>
              </div>
              <Text size="xs" c="dimmed" style={{ flex: 'none' }}>
                {plays(hit.plays)}
              </Text>
            </Group>
          </UnstyledButton>
        ))}
        {searched && hits.length === 0 ? (
          <Text size="sm" c="dimmed" p="xs" role="status">
            You have played nothing of this name.
          </Text>
        ) : null}
      </Stack>
    </Modal>
  );
}

/** Search from anywhere: the button, Ctrl or ⌘ and K, or a slash. */
export function SearchButton(): ReactNode {
  const [opened, setOpened] = useState(false);
  const open = () => setOpened(true);
  useHotkeys([
    ['mod+K', open],
    ['/', open],
  ]);
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        onClick={open}
        aria-label="Search"
        title="Search (/)"
      >
        <IconSearch size={18} />
      </ActionIcon>
      {opened ? <Dialog onClose={() => setOpened(false)} /> : null}
    </>
  );
}
