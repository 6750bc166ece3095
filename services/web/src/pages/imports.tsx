import {
  Accordion,
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  List,
  Progress,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { notifications } from '@mantine/notifications';
import { getJob, type ImportView, listImports, undoImport } from '@spindle/contracts';
import { IconFileZip, IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, describeError, queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { Figure } from '../statistics/figure.tsx';
import { count, relative } from '../time-words.ts';
import { uploadImport } from '../upload.ts';

const ACCEPT = {
  'application/zip': ['.zip'],
  'application/x-zip-compressed': ['.zip'],
  'application/json': ['.json', '.jsonl', '.ndjson'],
  'text/csv': ['.csv'],
};

/** What can be imported, and where one gets it. */
const ORIGINS = [
  [
    'Spotify, extended history',
    'All years with exact listening times. Account → Privacy; comes by e-mail within a month.',
    'https://www.spotify.com/account/privacy/',
  ],
  [
    'Spotify, account data',
    'The last year, by name only. From the same page, within days.',
    'https://www.spotify.com/account/privacy/',
  ],
  ['Last.fm', 'CSV or JSON of lastfmstats, or CSV of lastfm-to-csv.', 'https://lastfmstats.com'],
  ['ListenBrainz', 'The export from your settings there.', 'https://listenbrainz.org/settings/export/'],
  ['Maloja', 'Its own export.', 'https://github.com/krateng/maloja'],
  ['Spindle', 'NDJSON or zip of another instance, everything as it was.', null],
] as const;

const REASONS: Record<string, string> = {
  'too-short': 'shorter than 5 seconds',
  'private-session': 'private session',
  'not-music': 'podcast or audiobook',
  'no-track': 'no track named',
  'now-playing': 'still playing at the time',
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
      <SimpleGrid cols={{ base: 3, sm: 5 }} spacing="xs">
        <Figure name="Read" value={count(view.totals.read)} />
        <Figure name="New" value={count(view.totals.imported)} />
        <Figure name="Known" value={count(view.totals.duplicates)} />
        <Figure name="Left out" value={count(view.totals.skipped)} />
        <Figure name="Failed" value={count(view.totals.failed)} />
      </SimpleGrid>
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

/** How far it is, how fast, and how long it still takes, as the job tells it. */
function Running({ view }: { readonly view: ImportView }): ReactNode {
  const job = useQuery({
    queryKey: ['getJob', view.jobId],
    queryFn: () => api.call(getJob, { params: { id: view.jobId ?? '' } }),
    enabled: view.jobId !== null,
  });
  const { done, total, phase } = job.data?.progress ?? {};
  const share = done !== undefined && total ? Math.min(100, (done / total) * 100) : null;
  return (
    <Stack gap={4} mb="sm">
      <Progress value={share ?? 100} animated striped={share === null} aria-label="Import running" />
      <Text size="xs" c="dimmed" data-testid="rate" aria-live="polite">
        {count(Math.max(view.totals.read, done ?? 0))}
        {total ? ` of about ${count(total)}` : ''} rows{phase ? `, ${phase}` : ''}
      </Text>
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
      {running ? <Running view={view} /> : null}
      <Report view={view} />
      <Group gap="xs" mt="sm">
        {running || view.totals.read === 0 ? null : (
          <Button
            component="a"
            href={`/api/imports/${view.id}/report`}
            download
            variant="subtle"
            color="gray"
            size="xs"
          >
            Download the report
          </Button>
        )}
        {view.status === 'succeeded' ? (
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            loading={undo.isPending}
            onClick={() => undo.mutate()}
          >
            Undo this import
          </Button>
        ) : null}
      </Group>
    </Card>
  );
}

/** Brings in years gone by from exports of Spotify and of other scrobblers. */
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
        Drop an export here as it came. Nothing is counted twice, not even when you send it again or when it
        overlaps with what was captured; network addresses in it are never stored.
      </Text>
      <Accordion variant="contained">
        <Accordion.Item value="origins">
          <Accordion.Control>Where do I get an export?</Accordion.Control>
          <Accordion.Panel>
            <Stack gap="xs">
              {ORIGINS.map(([name, words, address]) => (
                <Text key={name} size="sm">
                  <Text span fw={600}>
                    {address ? (
                      <Anchor href={address} target="_blank" rel="noreferrer" inherit underline="always">
                        {name}
                      </Anchor>
                    ) : (
                      name
                    )}
                    :
                  </Text>{' '}
                  {words}
                </Text>
              ))}
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
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
            <Text fw={600}>Drop the zip, JSON or CSV files here</Text>
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
