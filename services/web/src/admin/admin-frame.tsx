import {
  AppShell,
  Burger,
  Button,
  Container,
  Group,
  Image,
  Loader,
  NavLink,
  type NavLinkProps,
  Text,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { logout, type SessionView } from '@spindle/contracts';
import {
  IconAlertTriangle,
  IconChartBar,
  IconGauge,
  IconListDetails,
  IconMailForward,
  IconSettings,
  IconStack2,
  IconUsers,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { createLink, Outlet } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode } from 'react';
import { api } from '../api.ts';
import { useColorsOf } from '../color-scheme.ts';
import { Failure } from '../components/failure.tsx';
import { AnchorLink, ButtonLink } from '../components/links.tsx';
import { SchemeSwitch } from '../components/scheme-switch.tsx';
import { AdminDoor } from './admin-door.tsx';
import { callerQuery, useAction } from './queries.ts';

const PLACES = [
  { to: '/admin', label: 'Overview', icon: IconChartBar },
  { to: '/admin/listeners', label: 'Listeners', icon: IconUsers },
  { to: '/admin/invitations', label: 'Invitations', icon: IconMailForward },
  { to: '/admin/jobs', label: 'Queues', icon: IconStack2 },
  { to: '/admin/quota', label: 'Quota', icon: IconGauge },
  { to: '/admin/failures', label: 'Failures', icon: IconAlertTriangle },
  { to: '/admin/settings', label: 'Settings', icon: IconSettings },
  { to: '/admin/record', label: 'Record', icon: IconListDetails },
] as const;

type PlaceProps = NavLinkProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof NavLinkProps>;
function Place(props: PlaceProps): ReactNode {
  return <NavLink component="a" {...props} />;
}
const PlaceLink = createLink(Place);

/** Who administers, and the way out: back to their music, or the end of the session. */
function Caller({ caller }: { readonly caller: SessionView }): ReactNode {
  const leave = useAction(async () => {
    await api.call(logout, {});
    location.assign('/admin');
  }, []);
  if (caller.kind === 'listener') {
    return (
      <ButtonLink to="/" size="xs" variant="default">
        Back to the music
      </ButtonLink>
    );
  }
  return (
    <Button size="xs" variant="default" loading={leave.isPending} onClick={() => leave.mutate(undefined)}>
      Sign out
    </Button>
  );
}

/** The frame of the admin pages: for admins who listen here, and for operators who do not. */
export function AdminFrame(): ReactNode {
  useColorsOf('app');
  const [opened, { toggle, close }] = useDisclosure(false);
  const { data: caller, error, refetch } = useQuery(callerQuery);
  if (error) {
    return (
      <Container size="xs" py="xl" component="main">
        <Failure error={error} retry={() => void refetch()} />
      </Container>
    );
  }
  if (!caller) return <Loader m="xl" aria-label="Loading" />;
  if (!caller.isAdmin) return <AdminDoor caller={caller} />;
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 210, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={opened ? 'Close the places' : 'Open the places'}
            />
            <AnchorLink to="/" c="inherit" underline="never" aria-label="Spindle, home">
              <Image src="/spindle.svg" w={28} h={28} alt="" />
            </AnchorLink>
            <Text fw={700}>Admin</Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            {caller.kind === 'operator' ? (
              <Text size="xs" c="dimmed" visibleFrom="xs" truncate maw={260}>
                Operator by {caller.name}
              </Text>
            ) : null}
            <SchemeSwitch />
            <Caller caller={caller} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Admin pages">
        {PLACES.map(({ to, label, icon: Icon }) => (
          <PlaceLink
            key={to}
            to={to}
            label={label}
            leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
            activeOptions={{ exact: to === '/admin', includeSearch: false }}
            activeProps={{ active: true, 'aria-current': 'page' }}
            onClick={close}
            style={{ borderRadius: 'var(--mantine-radius-md)' }}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main>
        <Container size="md" px={0} mx={0}>
          <Outlet />
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}
