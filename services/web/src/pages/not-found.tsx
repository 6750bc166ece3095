import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { AnchorLink } from '../components/links.tsx';

export function NotFound(): ReactNode {
  return (
    <Stack align="center" py="xl">
      <Title order={1} size="h2">
        This groove is empty
      </Title>
      <Text c="dimmed">There is no such page.</Text>
      <AnchorLink to="/">Back to the music</AnchorLink>
    </Stack>
  );
}
