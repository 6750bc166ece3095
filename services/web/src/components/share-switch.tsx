import { Group, SegmentedControl, Stack, Switch, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { getShare, startShare, stopShare } from '@spindle/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { api, describeError, queryKeys } from '../api.ts';
import { useSession } from '../session.tsx';
import { clockTime, relative } from '../time-words.ts';

const ENDS = [
  { value: 'hour', label: '1 hour' },
  { value: 'tonight', label: 'Until tonight' },
  { value: 'always', label: 'Always' },
] as const;
type End = (typeof ENDS)[number]['value'];

/** When a share ends that begins now; tonight is the end of the day where the browser is. */
function endOf(end: End): { expiresAt?: string } {
  if (end === 'always') return {};
  const at = new Date();
  if (end === 'hour') at.setHours(at.getHours() + 1);
  else at.setHours(24, 0, 0, 0);
  return { expiresAt: at.toISOString() };
}

/** The longest wait a browser's timer takes, ms. */
const MOST_TIMER_MS = 2 ** 31 - 1;

/** Sharing what plays: on or off, and for how long. */
export function ShareSwitch(): ReactNode {
  const { user } = useSession();
  const queries = useQueryClient();
  const [end, setEnd] = useState<End>('always');
  // The profile knows of changes that came from elsewhere, so the share is asked for with it.
  const { data } = useQuery({
    queryKey: [...queryKeys.share, user.sharing],
    queryFn: () => api.call(getShare, {}),
  });
  const change = useMutation({
    mutationFn: (to: End | null) =>
      to === null ? api.call(stopShare, {}) : api.call(startShare, { body: endOf(to) }),
    onSuccess: (share) => {
      queries.setQueryData([...queryKeys.share, share.sharing], share);
      void queries.invalidateQueries({ queryKey: queryKeys.user });
    },
    onError: (error) => {
      const { title, detail } = describeError(error);
      notifications.show({ color: 'red', title, message: detail });
    },
  });
  const expiresAt = user.sharing ? (data?.expiresAt ?? null) : null;
  useEffect(() => {
    if (expiresAt === null) return;
    const left = Math.max(0, Date.parse(expiresAt) - Date.now()) + 500;
    const timer = setTimeout(
      () => void queries.invalidateQueries({ queryKey: queryKeys.user }),
      Math.min(left, MOST_TIMER_MS),
    );
    return () => clearTimeout(timer);
  }, [expiresAt, queries]);

  return (
    <Stack gap="xs">
      <Switch
        label="Share what I play now"
        description="On the feed and at your addresses, at once; nobody sees anything when this is off."
        checked={user.sharing}
        disabled={change.isPending}
        onChange={(event) => change.mutate(event.currentTarget.checked ? end : null)}
      />
      <Group gap="sm">
        <SegmentedControl
          size="xs"
          aria-label="Share for"
          data={[...ENDS]}
          value={end}
          disabled={change.isPending}
          onChange={(value) => {
            const chosen = ENDS.find((one) => one.value === value)?.value ?? 'always';
            setEnd(chosen);
            if (user.sharing) change.mutate(chosen);
          }}
        />
        <Text size="sm" c="dimmed" role="status">
          {!user.sharing
            ? ''
            : expiresAt
              ? `Ends at ${clockTime(expiresAt, Intl.DateTimeFormat().resolvedOptions().timeZone)}, ${relative(expiresAt)}`
              : 'Until you stop'}
        </Text>
      </Group>
    </Stack>
  );
}
