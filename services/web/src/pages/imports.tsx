import { Anchor, Badge, Button, Card, Group, List, Progress, Stack, Table, Text, Title } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { notifications } from '@mantine/notifications';
import { type ImportView, listImports, undoImport } from '@spindle/contracts';
import { IconFileZip, IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, describeError, queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { count, relative } from '../time-words.ts';
import { uploadImport } from '../upload.ts';

const ACCEPT = {
  'application/zip': ['.zip'],
  'application/x-zip-compressed': ['.zip'],
  'application/json': ['.json'],
};

const REASONS: Record<string, string> = {
  'too-short': 'shorter than 30 seconds',
  'private-session': 'private session',
  'not-music': 'podcast or audiobook',
  'no-track': 'no track named',
};

const STATES: Record<ImportView['status'], { readonly label: string; readonly color: string }> = {
  uploading: { label: 'uploading', color: 'gray' },
  queued: { label: 'waiting', color: 'gray' },
  running: { label: 'running', color: 'blue' },
  succeeded: { label: 'done', color: 'green' },
  failed: { label: 'failed', color: 'red' },
  undone: { label: 'undone', color: 'gray' },
};

function Report({ view }: { readonly view: ImportView }): ReactNode {
  const reasons = Object.entries(
    view.files.reduce<Record<string, number>>((sum, file) => {
      for (const [reason, rows] of Object.entries(file.skippedReasons))
        sum[reason] = (sum[reason] ?? 0) + rows;
      return sum;
    }, {}),
  );
  const failures = view.files.flatMap((file) => file.failures);
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={320}>
        <Table withRowBorders={false} fz="sm">
          <Table.Thead>
            <Table.Tr>
              {['Rows read', 'New plays', 'Already there', 'Left out', 'Not understood'].map((name) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Table.Tr>
              {[
                view.totals.read,
                view.totals.imported,
                view.totals.duplicates,
                view.totals.skipped,
                view.totals.failed,
              ].map((value, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: five fixed columns
                <Table.Td key={index}>{count(value)}</Table.Td>
              ))}
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {reasons.length > 0 ? (
        <Text size="xs" c="dimmed">
          Left out:{' '}
          {reasons.map(([reason, rows]) => `${count(rows)} ${REASONS[reason] ?? reason}`).join(', ')}.
        </Text>
      ) : null}
      {failures.length > 0 ? (
        <List size="xs" c="dimmed">
          {failures.slice(0, 10).map((failure) => (
            <List.Item key={`${failure.entry}:${failure.row}`}>
              {failure.entry}, row {failure.row}: {failure.message}
            </List.Item>
          ))}
        </List>
      ) : null}
      {view.problem ? (
        <Text size="sm" c="red">
          {view.problem}
        </Text>
      ) : null}
    </Stack>
  );
}

function ImportCard({ view }: { readonly view: ImportView }): ReactNode {
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: () => api.call(undoImport, { params: { id: view.id } }),
    onSuccess: () => void queries.invalidateQueries(),
    onError: (error) =>
      notifications.show({
        color: 'red',
        title: describeError(error).title,
        message: describeError(error).detail,
      }),
  });
  const state = STATES[view.status];
  const running = view.status === 'running' || view.status === 'queued';
  const seconds = view.startedAt ? Math.max(1, (Date.now() - Date.parse(view.startedAt)) / 1000) : 1;
  return (
    <Card component="article" aria-label={`Import of ${view.files.map((file) => file.name).join(', ')}`}>
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <Text fw={600} truncate title={view.files.map((file) => file.name).join(', ')}>
          {view.files.map((file) => file.name).join(', ') || 'Upload'}
        </Text>
        <Badge color={state.color} variant="dot" style={{ flex: 'none' }}>
          {state.label}
        </Badge>
      </Group>
      <Text size="xs" c="dimmed" mb="sm">
        {relative(view.createdAt)}
      </Text>
      {running ? (
        <Stack gap={4} mb="sm">
          <Progress value={100} animated striped aria-label="Import running" />
          <Text size="xs" c="dimmed" data-testid="rate">
            {count(view.totals.read)} rows
            {view.status === 'running' ? `, ${count(Math.round(view.totals.read / seconds))} a second` : ''}
          </Text>
        </Stack>
      ) : null}
      <Report view={view} />
      {view.status === 'succeeded' ? (
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          mt="sm"
          loading={undo.isPending}
          onClick={() => undo.mutate()}
        >
          Undo this import
        </Button>
      ) : null}
    </Card>
  );
}

/** Brings in years gone by from Spotify's own export. */
export function Imports(): ReactNode {
  const queries = useQueryClient();
  const [share, setShare] = useState(0);
  const imports = useQuery({
    queryKey: queryKeys.imports,
    queryFn: () => api.call(listImports, { query: { limit: 50 } }),
  });
  const upload = useMutation({
    mutationFn: (files: File[]) => uploadImport(files, setShare),
    onSettled: () => void queries.invalidateQueries({ queryKey: queryKeys.imports }),
  });
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Imports
      </Title>
      <Text c="dimmed">
        Ask Spotify for your <em>extended streaming history</em> (
        <Anchor
          href="https://www.spotify.com/account/privacy/"
          target="_blank"
          rel="noreferrer"
          underline="always"
        >
          Account → Privacy
        </Anchor>
        ); it comes by e-mail within a month. Drop the zip here as it is. Nothing of it is counted twice, not
        even when you send it again, and network addresses in it are never stored.
      </Text>
      <Dropzone
        onDrop={(files) => {
          setShare(0);
          upload.mutate(files);
        }}
        accept={ACCEPT}
        loading={upload.isPending}
        inputProps={{ 'aria-label': 'Files to import' }}
      >
        <Group justify="center" gap="md" mih={110} style={{ pointerEvents: 'none' }}>
          <IconFileZip size={36} stroke={1.4} aria-hidden />
          <div>
            <Text fw={600}>Drop the zip or its JSON files here</Text>
            <Text size="sm" c="dimmed">
              or press to choose them
            </Text>
          </div>
        </Group>
      </Dropzone>
      {upload.isPending ? (
        <Stack gap={4}>
          <Progress value={share * 100} aria-label="Upload" />
          <Text size="xs" c="dimmed">
            <IconUpload size={12} aria-hidden /> {Math.round(share * 100)} % uploaded
          </Text>
        </Stack>
      ) : null}
      {upload.error ? <Failure error={upload.error} /> : null}
      {imports.error ? <Failure error={imports.error} retry={() => void imports.refetch()} /> : null}
      {imports.data?.items.map((view) => (
        <ImportCard key={view.id} view={view} />
      ))}
      {imports.data?.items.length === 0 && !upload.isPending ? (
        <Text c="dimmed" ta="center">
          No imports yet.
        </Text>
      ) : null}
    </Stack>
  );
}
