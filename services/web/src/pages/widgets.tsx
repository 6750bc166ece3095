import { Card, SegmentedControl, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { listWidgetLinks, WIDGET_KINDS, WIDGET_OPTION_FIELDS, type WidgetKind } from '@spindle/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { useSession } from '../session.tsx';
import { LINKS, Links } from '../widgets/links.tsx';
import { OptionField } from '../widgets/option-field.tsx';
import { Snippets } from '../widgets/snippets.tsx';
import { queryOf, WIDGET_NAMES, type WidgetSearch } from '../widgets/widget-search.ts';

function Preview({ src, kind }: { readonly src: string; readonly kind: WidgetKind }): ReactNode {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
      {(['#ffffff', '#0d1117'] as const).map((page) => (
        <div
          key={page}
          style={{
            background: page,
            borderRadius: 12,
            padding: 16,
            minHeight: 140,
            display: 'grid',
            placeItems: 'center',
          }}
        >
          <img
            src={src}
            alt={`${WIDGET_NAMES[kind]} on a ${page === '#ffffff' ? 'light' : 'dark'} page`}
            style={{ maxWidth: '100%', height: 'auto' }}
          />
        </div>
      ))}
    </SimpleGrid>
  );
}

/** Makes cards for READMEs and sites: every option, seen at once. */
export function Widgets(): ReactNode {
  const { user } = useSession();
  const search: WidgetSearch = useSearch({ from: '/app/widgets' });
  const navigate = useNavigate({ from: '/widgets' });
  const [wanted, setWanted] = useState<string | null>(null);
  const links = useQuery({ queryKey: LINKS, queryFn: () => api.call(listWidgetLinks, {}) });
  const kind = search.kind ?? 'now-playing';
  const change = (next: WidgetSearch) =>
    void navigate({
      search: Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, value]) => value)),
      replace: true,
      resetScroll: false,
    });
  const items = links.data?.items ?? [];
  const link = items.find((one) => one.id === wanted) ?? items[0];
  const [query] = useDebouncedValue(queryOf(kind, search), 250);
  const fields = WIDGET_OPTION_FIELDS.filter((field) => field.kinds.includes(kind));
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Widgets
      </Title>
      <Text c="dimmed">
        Cards for your GitHub profile, your site, your stream. They are drawn from what Spindle knows already,
        so a view costs nothing, and they never break: whatever is wrong, there is a card that says so.
      </Text>
      {links.error ? <Failure error={links.error} retry={() => void links.refetch()} /> : null}
      {links.isPending ? (
        <Skeleton height={180} />
      ) : (
        <Links links={items} chosen={link?.id ?? null} onChoose={setWanted} />
      )}
      {link ? (
        <>
          <Card component="section" aria-label="The card">
            <SegmentedControl
              fullWidth
              orientation="horizontal"
              style={{ overflowX: 'auto' }}
              mb="md"
              aria-label="Kind of card"
              data={WIDGET_KINDS.map((value) => ({ value, label: WIDGET_NAMES[value] }))}
              value={kind}
              onChange={(value) =>
                change({ kind: WIDGET_KINDS.find((one) => one === value) ?? 'now-playing' })
              }
            />
            <Preview src={`/api/widgets/${link.key}/${kind}.svg${query}`} kind={kind} />
            <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} mt="lg">
              {fields.map((field) => (
                <OptionField
                  key={field.name}
                  field={field}
                  kind={kind}
                  value={search[field.name]}
                  onChange={(value) => change({ [field.name]: value })}
                />
              ))}
            </SimpleGrid>
          </Card>
          <Snippets
            link={link}
            kind={kind}
            search={search}
            to={user.publicProfile ? `${location.origin}/u/${user.handle}` : null}
          />
        </>
      ) : null}
    </Stack>
  );
}
