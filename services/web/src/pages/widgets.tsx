import {
  ActionIcon,
  Button,
  Card,
  Code,
  ColorInput,
  CopyButton,
  Group,
  NativeSelect,
  NumberInput,
  SegmentedControl,
  SimpleGrid,
  Skeleton,
  Stack,
  Switch,
  Tabs,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  createWidgetLink,
  deleteWidgetLink,
  LAYOUTS_OF_WIDGET,
  listWidgetLinks,
  WIDGET_KINDS,
  WIDGET_LINK_NAME_LENGTH,
  WIDGET_OPTION_FIELDS,
  type WidgetKind,
  type WidgetLink,
  type WidgetOptionField,
} from '@spindle/contracts';
import { IconCheck, IconCopy, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { useSession } from '../session.tsx';
import { relative } from '../time-words.ts';

/** The address of the page says all that is chosen, so that a look can be kept and shared. */
export type WidgetSearch = { readonly kind?: WidgetKind } & {
  readonly [Name in WidgetOptionField['name']]?: string;
};

const LINKS = ['listWidgetLinks'];

const NAMES: Readonly<Record<WidgetKind, string>> = {
  'now-playing': 'Now playing',
  'recently-played': 'Recently played',
  'top-tracks': 'Top tracks',
  'top-artists': 'Top artists',
  grid: 'Hours of the week',
  summary: 'In figures',
  streak: 'Streak',
};

/** Only what differs from the defaults, so that addresses stay short. */
function queryOf(kind: WidgetKind, search: WidgetSearch, instead: Partial<WidgetSearch> = {}): string {
  const chosen = { ...search, ...instead };
  const query = new URLSearchParams();
  for (const { name, kinds, default: usual } of WIDGET_OPTION_FIELDS) {
    const value = chosen[name];
    if (value !== undefined && value !== '' && value !== usual && kinds.includes(kind))
      query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function Option(props: {
  readonly field: WidgetOptionField;
  readonly kind: WidgetKind;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { field, kind, value, onChange } = props;
  const { label, help } = field;
  const shown = value ?? field.default ?? '';
  if (field.input === 'switch')
    return (
      <Switch
        label={label}
        description={help}
        checked={shown === '1'}
        onChange={(event) => onChange(event.currentTarget.checked ? '1' : '0')}
      />
    );
  if (field.input === 'colour')
    return (
      <ColorInput
        label={label}
        description={help}
        placeholder="of the theme"
        value={shown === '' ? '' : `#${shown}`}
        onChange={(colour) => onChange(colour.replace('#', ''))}
        format="hex"
        withEyeDropper={false}
      />
    );
  if (field.input === 'number')
    return (
      <NumberInput
        label={label}
        description={help}
        placeholder={field.default ?? 'of the theme'}
        min={field.min ?? 0}
        max={field.max ?? 1_000}
        clampBehavior="blur"
        value={shown === '' ? '' : Number(shown)}
        onChange={(next) => onChange(next === '' ? '' : String(next))}
      />
    );
  if (field.input === 'text')
    return (
      <TextInput
        label={label}
        description={help}
        maxLength={field.max ?? 60}
        value={shown}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  const choices = field.name === 'layout' ? LAYOUTS_OF_WIDGET[kind] : (field.choices ?? []);
  return (
    <NativeSelect
      label={label}
      description={help}
      data={field.default === null ? [{ value: '', label: 'usual' }, ...choices] : [...choices]}
      value={shown}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function Copyable({ name, value }: { readonly name: string; readonly value: string }): ReactNode {
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {name}
        </Text>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={copied ? <IconCheck size={12} /> : <IconCopy size={12} />}
              onClick={copy}
              aria-label={`Copy ${name}`}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {value}
      </Code>
    </Stack>
  );
}

/** What to paste where. */
function Snippets(props: {
  readonly link: WidgetLink;
  readonly kind: WidgetKind;
  readonly search: WidgetSearch;
  readonly to: string | null;
}): ReactNode {
  const { link, kind, search, to } = props;
  const place = `${location.origin}/api/widgets/${link.key}`;
  const address = (instead?: Partial<WidgetSearch>) =>
    `${place}/${kind}.svg${queryOf(kind, search, instead)}`;
  const words = `${NAMES[kind]} on Spotify`;
  const html = (text: string) => text.replaceAll('&', '&amp;');
  const linked = (inner: string) => (to === null ? inner : `<a href="${to}">${inner}</a>`);
  const picture = `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="${html(address({ theme: 'dark' }))}">
  <img alt="${words}" src="${html(address({ theme: 'light' }))}">
</picture>`;
  const image = `![${words}](${address()})`;
  return (
    <Card component="section" aria-label="To paste">
      <Title order={2} size="h4" mb="sm">
        To paste
      </Title>
      <Tabs defaultValue="markdown" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="markdown">README</Tabs.Tab>
          <Tabs.Tab value="html">HTML</Tabs.Tab>
          <Tabs.Tab value="embed">Embed</Tabs.Tab>
          <Tabs.Tab value="data">Data</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="markdown">
          <Copyable name="Markdown" value={to === null ? image : `[${image}](${to})`} />
        </Tabs.Panel>
        <Tabs.Panel value="html">
          <Copyable name="HTML for light and dark" value={linked(picture)} />
        </Tabs.Panel>
        <Tabs.Panel value="embed">
          <Stack>
            <Text size="sm" c="dimmed">
              A page without script that renews itself. Sites that speak oEmbed find it from the picture's
              address.
            </Text>
            <Copyable
              name="Frame"
              value={`<iframe src="${html(`${location.origin}/embed/${link.key}/${kind}${queryOf(kind, search)}`)}" width="480" height="180" style="border:0" title="${words}" loading="lazy"></iframe>`}
            />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="data">
          <Stack>
            <Copyable name="Picture" value={address()} />
            <Copyable name="What plays, as JSON for any page" value={`${place}/now-playing`} />
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </Card>
  );
}

/** Addresses that were given out; taking one back ends all cards that were made with it. */
function Links(props: {
  readonly links: readonly WidgetLink[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}): ReactNode {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const refresh = () => void queries.invalidateQueries({ queryKey: LINKS });
  const make = useMutation({
    mutationFn: () => api.call(createWidgetLink, { body: { name } }),
    onSuccess: (link) => {
      setName('');
      props.onChoose(link.id);
      refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.call(deleteWidgetLink, { params: { id } }),
    onSuccess: refresh,
  });
  return (
    <Card component="section" aria-label="Addresses">
      <Title order={2} size="h4">
        Addresses
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Whoever has one sees the cards, whatever else you share. Take it back, and every card with it is
        empty.
      </Text>
      <Stack gap="sm">
        {make.error || remove.error ? <Failure error={make.error ?? remove.error} /> : null}
        {props.links.map((link) => (
          <Group key={link.id} justify="space-between" wrap="nowrap">
            <Button
              variant={link.id === props.chosen ? 'light' : 'subtle'}
              size="compact-sm"
              aria-pressed={link.id === props.chosen}
              onClick={() => props.onChoose(link.id)}
            >
              {link.name}
            </Button>
            <Group gap="xs" wrap="nowrap">
              <Text size="xs" c="dimmed">
                {relative(link.createdAt)}
              </Text>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Take back ${link.name}`}
                onClick={() => remove.mutate(link.id)}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          </Group>
        ))}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <Group align="flex-end" wrap="nowrap">
            <TextInput
              style={{ flex: 1 }}
              label="A new one, for"
              placeholder="my GitHub profile"
              maxLength={WIDGET_LINK_NAME_LENGTH}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" disabled={name.trim() === ''} loading={make.isPending}>
              Make
            </Button>
          </Group>
        </form>
      </Stack>
    </Card>
  );
}

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
            alt={`${NAMES[kind]} on a ${page === '#ffffff' ? 'light' : 'dark'} page`}
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
              data={WIDGET_KINDS.map((value) => ({ value, label: NAMES[value] }))}
              value={kind}
              onChange={(value) =>
                change({ kind: WIDGET_KINDS.find((one) => one === value) ?? 'now-playing' })
              }
            />
            <Preview src={`/api/widgets/${link.key}/${kind}.svg${query}`} kind={kind} />
            <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} mt="lg">
              {fields.map((field) => (
                <Option
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
