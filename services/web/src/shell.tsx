import {
  Alert,
  AppShell,
  Button,
  Container,
  Group,
  Image,
  Loader,
  Menu,
  Text,
  UnstyledButton,
} from '@mantine/core';
import {
  IconBroadcast,
  IconChartBar,
  IconCode,
  IconConfetti,
  IconDisc,
  IconDots,
  IconEraser,
  IconFlame,
  IconHeart,
  IconHistory,
  IconHome,
  IconPlaylist,
  IconScale,
  IconSettings,
  IconTrendingUp,
  IconTrophy,
  IconUpload,
  IconWifiOff,
} from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useColorsOf } from './color-scheme.ts';
import { Failure } from './components/failure.tsx';
import { AnchorLink } from './components/links.tsx';
import { SchemeSwitch } from './components/scheme-switch.tsx';
import { SearchButton } from './components/search-dialog.tsx';
import { useIsConnected } from './live.ts';
import { AccountDisabled } from './pages/account-disabled.tsx';
import { Welcome } from './pages/welcome.tsx';
import { SessionProvider, useSession } from './session.tsx';
import classes from './shell.module.css';

/** The feed; `/feed` is the API's. */
export const FEED_PATH = '/live';
/** My party rooms, and for visitors the field for a code; `/rooms` is the API's. */
export const ROOMS_PATH = '/party';
/** Pages of the frame that visitors see, too. */
const FOR_VISITORS: readonly string[] = [FEED_PATH, ROOMS_PATH];

interface Place {
  readonly to:
    | '/'
    | typeof FEED_PATH
    | '/tops'
    | '/history'
    | '/habits'
    | '/compare'
    | '/playlists'
    | '/library'
    | '/trackers'
    | '/wrapped'
    | '/corrections'
    | typeof ROOMS_PATH
    | '/imports'
    | '/widgets'
    | '/settings'
    | '/admin';
  readonly label: string;
  readonly icon: typeof IconHome;
}

/** Always in sight. */
const PLACES: readonly Place[] = [
  { to: '/', label: 'Home', icon: IconHome },
  { to: FEED_PATH, label: 'Feed', icon: IconBroadcast },
  { to: '/tops', label: 'Tops', icon: IconTrophy },
  { to: '/playlists', label: 'Playlists', icon: IconPlaylist },
  { to: '/history', label: 'History', icon: IconHistory },
];
/** Behind "More". */
const MORE: readonly Place[] = [
  { to: ROOMS_PATH, label: 'Party', icon: IconDisc },
  { to: '/habits', label: 'Habits', icon: IconFlame },
  { to: '/compare', label: 'Compare', icon: IconScale },
  { to: '/wrapped', label: 'Year in review', icon: IconConfetti },
  { to: '/library', label: 'Library', icon: IconHeart },
  { to: '/trackers', label: 'Trackers', icon: IconTrendingUp },
  { to: '/corrections', label: 'Corrections', icon: IconEraser },
  { to: '/imports', label: 'Imports', icon: IconUpload },
  { to: '/widgets', label: 'Widgets', icon: IconCode },
  { to: '/settings', label: 'Settings', icon: IconSettings },
];
const ADMIN: Place = { to: '/admin', label: 'Admin', icon: IconChartBar };

function Places(): ReactNode {
  const { user } = useSession();
  const more = user.isAdmin ? [...MORE, ADMIN] : MORE;
  return (
    <>
      {PLACES.map(({ to, label, icon: Icon }) => (
        <UnstyledButton
          key={to}
          component={Link}
          to={to}
          className={classes.place}
          activeOptions={{ exact: to === '/', includeSearch: false }}
          activeProps={{ 'data-active': true, 'aria-current': 'page' }}
        >
          <Icon size={20} stroke={1.6} aria-hidden />
          <span>{label}</span>
        </UnstyledButton>
      ))}
      <Menu position="top-end" shadow="md" width={190}>
        <Menu.Target>
          <UnstyledButton className={classes.place}>
            <IconDots size={20} stroke={1.6} aria-hidden />
            <span>More</span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {more.map(({ to, label, icon: Icon }) => (
            <Menu.Item
              key={to}
              component={Link}
              to={to}
              leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
            >
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
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

/** What the frame holds for those who are not signed in: what is for them, too, else the way in. */
function Visitor(): ReactNode {
  const path = useLocation({ select: ({ pathname }) => pathname.replace(/(?<=.)\/$/, '') });
  if (!FOR_VISITORS.includes(path)) return <Welcome />;
  return (
    <Container size="md" py="md" component="main">
      <Group justify="space-between" mb="lg" wrap="nowrap">
        <AnchorLink to="/" c="inherit" underline="never" aria-label="Spindle, home">
          <Group gap="xs" wrap="nowrap">
            <Image src="/spindle.svg" w={28} h={28} alt="" />
            <Text fw={700}>Spindle</Text>
          </Group>
        </AnchorLink>
        <Group gap="xs" wrap="nowrap">
          <SchemeSwitch />
          <Button
            component="a"
            size="xs"
            variant="default"
            href={`/auth/login?returnTo=${encodeURIComponent(path)}`}
          >
            Sign in
          </Button>
        </Group>
      </Group>
      <Outlet />
    </Container>
  );
}

/** The frame of every page of a signed-in listener: places at the top, at the bottom of a phone. */
export function Shell(): ReactNode {
  useColorsOf('app');
  return (
    <SessionProvider
      visitor={<Visitor />}
      disabled={(error) => <AccountDisabled error={error} />}
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
              <Group gap={4} wrap="nowrap">
                <SearchButton />
                <SchemeSwitch />
              </Group>
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
