import { Button, Card, Group, NumberInput, Stack, Text, Title } from '@mantine/core';
import { updateUser } from '@spindle/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, queryKeys } from '../api.ts';
import { AnchorLink } from '../components/links.tsx';
import { useCorrection } from '../corrections/use-correction.ts';
import { useSession } from '../session.tsx';

const LEAST_S = 5;
const MOST_S = 240;

/** From which length on a play counts. */
export function Counting(): ReactNode {
  const { user } = useSession();
  const queries = useQueryClient();
  const [seconds, setSeconds] = useState<number>(user.minPlayMs / 1000);
  const save = useCorrection(
    (minPlayMs: number) => api.call(updateUser, { body: { minPlayMs } }),
    (saved) => queries.setQueryData(queryKeys.user, saved),
  );
  return (
    <Card component="section" aria-label="Counting">
      <Title order={2} size="h4" mb="sm">
        What counts
      </Title>
      <Stack gap="sm">
        <Group align="flex-end">
          <NumberInput
            label="A play counts from"
            description="Spotify and most others count from 30 seconds on"
            suffix=" s"
            min={LEAST_S}
            max={MOST_S}
            clampBehavior="strict"
            value={seconds}
            onChange={(value) => setSeconds(Number(value))}
            w={230}
          />
          <Button
            disabled={seconds * 1000 === user.minPlayMs || seconds < LEAST_S || seconds > MOST_S}
            loading={save.isPending}
            onClick={() => save.mutate(Math.round(seconds * 1000))}
          >
            Save
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          Shorter plays stay in your history, and all figures follow at once. Playlists, devices, hours and
          artists can be left out under{' '}
          <AnchorLink underline="always" to="/corrections">
            Corrections
          </AnchorLink>
          .
        </Text>
      </Stack>
    </Card>
  );
}
