import { Stack, Tabs, Title } from '@mantine/core';
import { LIKED } from '@spindle/contracts';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Attribution } from '../components/attribution.tsx';
import { Analysis } from '../library/analysis.tsx';
import { SourceFindings } from '../library/findings.tsx';
import { LIBRARY_TABS, type LibrarySearch } from '../library/library-search.ts';

const NAMES = { analysis: 'Liked Songs', problems: 'Duplicates and export' } as const;

/** What the library holds: Liked Songs in figures, what is odd about a playlist, and files to take along. */
export function Library(): ReactNode {
  const search: LibrarySearch = useSearch({ from: '/app/library' });
  const navigate = useNavigate({ from: '/library' });
  const tab = search.tab ?? 'analysis';
  const source = search.source ?? LIKED;
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Library
      </Title>
      <Tabs
        value={tab}
        onChange={(value) => {
          const next = LIBRARY_TABS.find((one) => one === value);
          if (next) void navigate({ search: next === 'analysis' ? {} : { tab: next }, resetScroll: false });
        }}
        variant="pills"
        keepMounted={false}
      >
        <Tabs.List aria-label="Library" mb="md">
          {LIBRARY_TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {NAMES[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="analysis">
          <Analysis />
        </Tabs.Panel>
        <Tabs.Panel value="problems">
          <SourceFindings
            key={source}
            source={source}
            onSource={(next) =>
              void navigate({
                search: { tab: 'problems', ...(next === LIKED ? {} : { source: next }) },
                replace: true,
                resetScroll: false,
              })
            }
          />
        </Tabs.Panel>
      </Tabs>
      <Attribution />
    </Stack>
  );
}
