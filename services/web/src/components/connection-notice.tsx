import { Alert, Button, Group, Text } from '@mantine/core';
import type { UserView } from '@spindle/contracts';
import { IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** A consent that ends within this many days is worth a word. */
const WARN_DAYS = 30;

function reconnect(): ReactNode {
  const here = encodeURIComponent(location.pathname);
  return (
    <Button component="a" href={`/auth/login?returnTo=${here}`} size="xs">
      Reconnect with Spotify
    </Button>
  );
}

/** What stands between the listener and Spotify, with the one click that mends it; nothing when all is well. */
export function ConnectionNotice({ user }: { readonly user: UserView }): ReactNode {
  const { connection } = user;
  if (connection.reauthNeeded || !connection.connected) {
    return (
      <Alert color="red" icon={<IconPlugConnectedX />} title="Spotify has disconnected Spindle" role="alert">
        <Text size="sm" mb="xs">
          {connection.reauthReason ?? 'Sign in again to go on.'} Your history stays; new plays are read again
          as soon as you reconnect.
        </Text>
        {reconnect()}
      </Alert>
    );
  }
  if (connection.refusal) {
    return (
      <Alert color="orange" icon={<IconPlugConnectedX />} title="Spotify refuses to answer">
        <Text size="sm">{connection.refusal.message}</Text>
      </Alert>
    );
  }
  if (connection.missingScopes.length > 0 || (connection.daysLeft ?? WARN_DAYS + 1) <= WARN_DAYS) {
    return (
      <Alert color="yellow" icon={<IconPlugConnected />} title="Renew your consent">
        <Group justify="space-between">
          <Text size="sm">
            {connection.missingScopes.length > 0
              ? 'Spindle misses a permission.'
              : `Spotify ends it in ${connection.daysLeft} days; renewing takes one click.`}
          </Text>
          {reconnect()}
        </Group>
      </Alert>
    );
  }
  return null;
}
