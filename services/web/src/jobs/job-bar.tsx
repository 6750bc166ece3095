import { Alert, Button, Progress, Stack, Text } from '@mantine/core';
import type { JobDocument } from '@spindle/contracts';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** A bar and a sentence about a job under way: `words` say what it does and how far it is; waiting, it says why. */
export function JobBar(props: {
  readonly job: JobDocument | undefined;
  readonly label: string;
  readonly words: string;
  /** Whoever looks can go away from here. */
  readonly closable?: boolean;
}): ReactNode {
  const { job, label, words, closable = false } = props;
  const { done, total } = job?.progress ?? {};
  const share = done !== undefined && total ? Math.min(100, (done / total) * 100) : null;
  const isWaiting = job?.state === 'waiting';
  return (
    <Stack gap={6} w="100%">
      <Progress value={share ?? 100} animated striped={share === null} aria-label={label} />
      <Text size="sm" c="dimmed" data-testid="job-words">
        {[
          `${words}.`,
          isWaiting ? (job.waitingFor ?? 'Spotify did not answer as expected.') : null,
          closable ? 'You can close this; it goes on.' : isWaiting ? 'It goes on by itself.' : null,
        ]
          .filter((sentence) => sentence !== null)
          .join(' ')}
      </Text>
    </Stack>
  );
}

/** Why a job failed, in its own words. */
export function JobFailure(props: {
  readonly title: string;
  readonly message: string | undefined;
  readonly retry?: () => void;
}): ReactNode {
  return (
    <Alert w="100%" icon={<IconAlertTriangle />} color="orange" title={props.title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{props.message ?? 'Nobody knows why.'}</Text>
        {props.retry ? (
          <Button size="xs" variant="default" onClick={props.retry}>
            Try again
          </Button>
        ) : null}
      </Stack>
    </Alert>
  );
}
