import { Alert, Button, Card, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import {
  deleteNoticeTarget,
  getNoticeTarget,
  NOTICE_KINDS,
  type NoticeKind,
  saveNoticeTarget,
  testNotice,
} from '@spindle/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, fieldErrors } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { relative } from '../time-words.ts';

const TARGET = ['getNoticeTarget'];
const KINDS: Readonly<Record<NoticeKind, string>> = {
  ntfy: 'ntfy topic',
  webhook: 'webhook (Discord, Slack, your own)',
};

/** Where a listener is warned before Spotify ends their consent, beside the pages here. */
export function Notices(): ReactNode {
  const queries = useQueryClient();
  const [kind, setKind] = useState<NoticeKind>('ntfy');
  const [url, setUrl] = useState('');
  const refresh = () => void queries.invalidateQueries({ queryKey: TARGET });
  const known = useQuery({ queryKey: TARGET, queryFn: () => api.call(getNoticeTarget, {}) });
  const save = useMutation({
    mutationFn: () => api.call(saveNoticeTarget, { body: { kind, url: url.trim() } }),
    onSuccess: () => {
      setUrl('');
      refresh();
    },
  });
  const remove = useMutation({ mutationFn: () => api.call(deleteNoticeTarget, {}), onSuccess: refresh });
  const test = useMutation({
    // The worker's answer is waited for, so that a wrong address is told at once.
    mutationFn: () => api.enqueue(testNotice, {}, { wait: 20 }),
    onSettled: refresh,
  });
  const target = known.data?.target ?? null;
  const errors = fieldErrors(save.error);
  return (
    <Card component="section" aria-label="Warnings">
      <Title order={2} size="h4" mb="xs">
        Warnings
      </Title>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          Spotify ends every consent after six months. These pages say so in time; be told elsewhere too, 30,
          7 and 1 days before.
        </Text>
        {known.error ? <Failure error={known.error} retry={() => void known.refetch()} /> : null}
        {target ? (
          <>
            <Text size="sm">
              You are told at <b>{target.host}</b> ({KINDS[target.kind]}).
            </Text>
            {target.lastError ? (
              <Alert color="orange" title={`The last one did not arrive, ${relative(target.lastError.at)}`}>
                {target.lastError.message}
              </Alert>
            ) : test.isSuccess ? (
              <Text size="sm" role="status">
                Sent. Has it arrived?
              </Text>
            ) : null}
            <Group>
              <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
                Try it
              </Button>
              <Button
                variant="subtle"
                color="gray"
                loading={remove.isPending}
                onClick={() => remove.mutate()}
              >
                Forget it
              </Button>
            </Group>
          </>
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              save.mutate();
            }}
          >
            <Stack gap="sm">
              <NativeSelect
                label="By"
                data={NOTICE_KINDS.map((value) => ({ value, label: KINDS[value] }))}
                value={kind}
                onChange={(event) =>
                  setKind(NOTICE_KINDS.find((one) => one === event.currentTarget.value) ?? 'ntfy')
                }
              />
              <TextInput
                label="Address"
                description="It is stored encrypted and never shown"
                placeholder={kind === 'ntfy' ? 'https://ntfy.sh/your-secret-topic' : 'https://…'}
                value={url}
                error={errors['url']}
                onChange={(event) => setUrl(event.currentTarget.value)}
              />
              {save.error && !errors['url'] ? <Failure error={save.error} /> : null}
              <Group>
                <Button type="submit" variant="default" disabled={url.trim() === ''} loading={save.isPending}>
                  Warn me there
                </Button>
              </Group>
            </Stack>
          </form>
        )}
      </Stack>
    </Card>
  );
}
