import { Alert, Button, Center, Container, Group, Stack } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { describeError } from '../api.ts';

/** What somebody sees whose account an admin has shut. */
export function AccountDisabled({ error }: { readonly error: unknown }): ReactNode {
  return (
    <Center mih="100dvh" component="main">
      <Container size="xs" py="xl">
        <Stack gap="lg">
          <Alert color="orange" icon={<IconLock />} title="Your account is disabled" role="alert">
            {describeError(error).detail}
          </Alert>
          <Group>
            <Button component="a" href="/auth/login" variant="default">
              Sign in again
            </Button>
          </Group>
        </Stack>
      </Container>
    </Center>
  );
}
