import {
  ActionIcon,
  Alert,
  AppShell,
  Container,
  Group,
  Image,
  Loader,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import {
  IconChartBar,
  IconHistory,
  IconHome,
  IconMoon,
  IconSettings,
  IconSun,
  IconUpload,
  IconWifiOff,
} from '@tabler/icons-react';
import { Link, Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Failure } from './components/failure.tsx';
import { useIsConnected } from './live.ts';
import { Welcome } from './pages/welcome.tsx';
import { SessionProvider, useSession } from './session.tsx';
import classes from './shell.module.css';

const PLACES = [
  { to: '/', label: 'Home', icon: IconHome, admin: false },
  { to: '/history', label: 'History', icon: IconHistory, admin: false },
  { to: '/imports', label: 'Imports', icon: IconUpload, admin: false },
  { to: '/settings', label: 'Settings', icon: IconSettings, admin: false },
  { to: '/admin', label: 'Admin', icon: IconChartBar, admin: true },
] as const;

function Places(): ReactNode {
  const { user } = useSession();
  return PLACES.filter((place) => !place.admin || user.isAdmin).map(({ to, label, icon: Icon }) => (
    <UnstyledButton
      key={to}
      component={Link}
      to={to}
      className={classes.place}
      activeOptions={{ exact: to === '/' }}
      activeProps={{ 'data-active': true, 'aria-current': 'page' }}
    >
      <Icon size={20} stroke={1.6} aria-hidden />
      <span>{label}</span>
    </UnstyledButton>
  ));
}

function SchemeSwitch(): ReactNode {
  const { toggleColorScheme } = useMantineColorScheme();
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={toggleColorScheme}
      aria-label="Switch between light and dark"
    >
      <IconSun size={18} className={classes.inDark} />
      <IconMoon size={18} className={classes.inLight} />
    </ActionIcon>
  );
}

function AwayBanner(): ReactNode {
  const { live } = useSession();
  const connected = useIsConnected(live);
  return connected ? null : (
    <Alert color="gray" icon={<IconWifiOff />} mb="md" role="status">
      The server is out of reach. What you see may be old; the page goes on by itself.
    </Alert>
  );
}

/** The frame of every page of a signed-in listener: places at the top, at the bottom of a phone. */
export function Shell(): ReactNode {
  return (
    <SessionProvider
      visitor={<Welcome />}
      waiting={<Loader m="xl" aria-label="Loading" />}
      failed={(error, retry) => (
        <Container size="xs" py="xl" component="main">
          <Failure error={error} retry={retry} />
        </Container>
      )}
    >
      <AppShell header={{ height: 56 }} footer={{ height: { base: 64, sm: 0 } }} padding="md">
        <AppShell.Header>
          <Container size="md" h="100%">
            <Group h="100%" justify="space-between" wrap="nowrap">
              <Group gap="xs" wrap="nowrap">
                <Image src="/spindle.svg" w={28} h={28} alt="" />
                <Text fw={700}>Spindle</Text>
              </Group>
              <Group component="nav" gap={4} visibleFrom="sm" aria-label="Places" wrap="nowrap">
                <Places />
              </Group>
              <SchemeSwitch />
            </Group>
          </Container>
        </AppShell.Header>
        <AppShell.Main>
          <Container size="md" px={0}>
            <AwayBanner />
            <Outlet />
          </Container>
        </AppShell.Main>
        <AppShell.Footer hiddenFrom="sm">
          <nav className={classes.bottom} aria-label="Places">
            <Places />
          </nav>
        </AppShell.Footer>
      </AppShell>
    </SessionProvider>
  );
}
