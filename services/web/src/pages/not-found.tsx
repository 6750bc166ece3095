import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export function NotFound(): ReactNode {
  return (
    <Stack align="center" py="xl">
      <Title order={1} size="h2">
        This groove is empty
      </Title>
      <Text c="dimmed">There is no such page.</Text>
      <Anchor component={Link} to="/">
        Back to the music
      </Anchor>
    </Stack>
  );
}
