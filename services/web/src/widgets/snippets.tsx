import { Button, Card, Code, CopyButton, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import type { WidgetKind, WidgetLink } from '@spindle/contracts';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { queryOf, WIDGET_NAMES, type WidgetSearch } from './widget-search.ts';

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
export function Snippets(props: {
  readonly link: WidgetLink;
  readonly kind: WidgetKind;
  readonly search: WidgetSearch;
  readonly to: string | null;
}): ReactNode {
  const { link, kind, search, to } = props;
  const place = `${location.origin}/api/widgets/${link.key}`;
  const address = (instead?: Partial<WidgetSearch>) =>
    `${place}/${kind}.svg${queryOf(kind, search, instead)}`;
  const words = `${WIDGET_NAMES[kind]} on Spotify`;
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
