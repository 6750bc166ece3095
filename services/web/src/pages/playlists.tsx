import { Stack, Tabs, Title } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Attribution } from '../components/attribution.tsx';
import { MyPlaylists } from '../playlists/my-playlists.tsx';
import { PLAYLIST_TABS, type PlaylistsSearch, type PlaylistTab } from '../playlists/playlist-tabs.ts';
import { Schedules } from '../playlists/schedules.tsx';
import { Shuffles } from '../playlists/shuffles.tsx';

const NAMES: Readonly<Record<PlaylistTab, string>> = {
  mine: 'Mine',
  shuffles: 'Shuffles',
  schedules: 'Schedules',
};

/** My playlists, what was shuffled of them, and what recurs. */
export function Playlists(): ReactNode {
  const search: PlaylistsSearch = useSearch({ from: '/app/playlists' });
  const navigate = useNavigate({ from: '/playlists' });
  const tab = search.tab ?? 'mine';
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Playlists
      </Title>
      <Tabs
        value={tab}
        onChange={(value) => {
          const next = PLAYLIST_TABS.find((one) => one === value);
          if (next) void navigate({ search: next === 'mine' ? {} : { tab: next }, resetScroll: false });
        }}
        variant="pills"
        keepMounted={false}
      >
        <Tabs.List aria-label="Playlists" mb="md">
          {PLAYLIST_TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {NAMES[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="mine">
          <MyPlaylists
            q={search.q ?? ''}
            onSearch={(q) => void navigate({ search: q ? { q } : {}, replace: true, resetScroll: false })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="shuffles">
          <Shuffles />
        </Tabs.Panel>
        <Tabs.Panel value="schedules">
          <Schedules />
        </Tabs.Panel>
      </Tabs>
      <Attribution />
    </Stack>
  );
}
