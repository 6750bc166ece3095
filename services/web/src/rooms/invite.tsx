import { Anchor, Button, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconDeviceTv, IconShare } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Qr } from './qr.tsx';
import { spacedCode } from './room-words.ts';
import { useRoom } from './use-room.ts';

/** What others need to come in: a code for cameras, one to type, and a link to send. */
export function Invite(): ReactNode {
  const { code, data } = useRoom();
  const { url, settings } = data.room;
  const canShare = typeof navigator.share === 'function';
  return (
    <Stack align="center" gap="md">
      <Qr text={url} label={`QR code that leads to ${settings.name}`} size="min(72vw, 46dvh, 300px)" />
      <div>
        <Text size="sm" c="dimmed" ta="center">
          or open {location.host}/party and type
        </Text>
        <Text fz={40} fw={700} ta="center" lh={1.2} style={{ letterSpacing: '0.08em' }} data-testid="code">
          {spacedCode(code)}
        </Text>
      </div>
      <Anchor
        href={url}
        size="sm"
        underline="always"
        ta="center"
        style={{ overflowWrap: 'anywhere' }}
        data-testid="link"
      >
        {url}
      </Anchor>
      <Group justify="center" gap="sm">
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <Button
              size="md"
              h={44}
              variant={canShare ? 'default' : 'filled'}
              leftSection={copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy link'}
            </Button>
          )}
        </CopyButton>
        {canShare ? (
          <Button
            size="md"
            leftSection={<IconShare size={18} aria-hidden />}
            onClick={() => {
              // Closed without sending: nothing happened.
              void navigator.share({ title: settings.name, url }).catch(() => {});
            }}
          >
            Send
          </Button>
        ) : null}
        <Button
          size="md"
          h={44}
          variant="default"
          component="a"
          href={`/tv/${code}`}
          target="_blank"
          leftSection={<IconDeviceTv size={18} aria-hidden />}
        >
          Show on a TV
        </Button>
      </Group>
      {settings.anonymous ? null : (
        <Text size="sm" c="dimmed" ta="center">
          Guests sign in with Spotify to come in.
        </Text>
      )}
    </Stack>
  );
}
