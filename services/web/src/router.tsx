import {
  DISCOVERY_KINDS,
  PLAY_SOURCES,
  TOP_KINDS,
  USER_FILTERS,
  USER_SORTS,
  WIDGET_KINDS,
  WIDGET_OPTION_FIELDS,
} from '@spindle/contracts';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import type { ListenersSearch } from './admin/queries.ts';
import { Failure } from './components/failure.tsx';
import { LIBRARY_TABS, type LibrarySearch } from './library/library-search.ts';
import type { QueuesSearch } from './pages/admin-queues.tsx';
import type { CompareSearch } from './pages/compare.tsx';
import type { FairSearch } from './pages/fair.tsx';
import type { HistorySearch } from './pages/history.tsx';
import { NotFound } from './pages/not-found.tsx';
import type { TopsSearch } from './pages/tops.tsx';
import { PLAYLIST_TABS, type PlaylistsSearch } from './playlists/playlist-tabs.ts';
import { FEED_PATH, ROOMS_PATH, Shell } from './shell.tsx';
import { readPeriod, readStatisticsSearch, type StatisticsSearch } from './statistics/period-search.ts';
import { TRACKER_SPANS, type TrackersSearch } from './statistics/tracker-search.ts';
import type { WidgetSearch } from './widgets/widget-search.ts';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  notFoundComponent: NotFound,
});

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const number = (value: unknown): string | undefined =>
  /^\d{1,9}$/.test(String(value)) ? String(value) : undefined;
const date = (value: unknown): string | undefined =>
  /^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? String(value) : undefined;

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined =>
  values.find((one) => one === value);
/** Without what is not set, so that addresses stay short. */
const set = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

const home = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: (search): StatisticsSearch => readStatisticsSearch(search),
  component: lazyRouteComponent(() => import('./pages/home.tsx'), 'Home'),
});
const history = createRoute({
  getParentRoute: () => app,
  path: '/history',
  validateSearch: (search): HistorySearch =>
    set({
      q: text(search.q),
      from: date(search.from),
      to: date(search.to),
      source: oneOf(PLAY_SOURCES, search.source),
      counted: oneOf(['true', 'false'] as const, String(search.counted)),
      track: number(search.track),
      artist: number(search.artist),
      album: number(search.album),
    }),
  component: lazyRouteComponent(() => import('./pages/history.tsx'), 'History'),
});
const tops = createRoute({
  getParentRoute: () => app,
  path: '/tops',
  validateSearch: (search): TopsSearch => ({
    ...readStatisticsSearch(search),
    ...set({ kind: oneOf(TOP_KINDS, search.kind) }),
  }),
  component: lazyRouteComponent(() => import('./pages/tops.tsx'), 'Tops'),
});
const habits = createRoute({
  getParentRoute: () => app,
  path: '/habits',
  validateSearch: (search): StatisticsSearch => readStatisticsSearch(search),
  component: lazyRouteComponent(() => import('./pages/habits.tsx'), 'Habits'),
});
const compare = createRoute({
  getParentRoute: () => app,
  path: '/compare',
  validateSearch: (search): CompareSearch => {
    const other = readPeriod({
      range: search.otherRange,
      at: search.otherAt,
      from: search.otherFrom,
      to: search.otherTo,
    });
    return {
      ...readPeriod(search),
      ...set({
        with: text(search.with),
        kind: oneOf(DISCOVERY_KINDS, search.kind),
        otherRange: other.range,
        otherAt: other.at,
        otherFrom: other.from,
        otherTo: other.to,
      }),
    };
  },
  component: lazyRouteComponent(() => import('./pages/compare.tsx'), 'Compare'),
});
/** Visitors see it too: the frame has a place for them. */
const feed = createRoute({
  getParentRoute: () => app,
  path: FEED_PATH,
  component: lazyRouteComponent(() => import('./pages/feed.tsx'), 'Feed'),
});
const thisYear = createRoute({
  getParentRoute: () => app,
  path: '/wrapped',
  beforeLoad: () => {
    throw redirect({
      to: '/wrapped/$year',
      params: { year: String(new Date().getFullYear()) },
      replace: true,
    });
  },
});
const wrapped = createRoute({
  getParentRoute: () => app,
  path: '/wrapped/$year',
  component: lazyRouteComponent(() => import('./pages/wrapped.tsx'), 'Wrapped'),
});
const track = createRoute({
  getParentRoute: () => app,
  path: '/tracks/$id',
  component: lazyRouteComponent(() => import('./pages/items.tsx'), 'TrackItem'),
});
const artist = createRoute({
  getParentRoute: () => app,
  path: '/artists/$id',
  component: lazyRouteComponent(() => import('./pages/items.tsx'), 'ArtistItem'),
});
const album = createRoute({
  getParentRoute: () => app,
  path: '/albums/$id',
  component: lazyRouteComponent(() => import('./pages/items.tsx'), 'AlbumItem'),
});
const corrections = createRoute({
  getParentRoute: () => app,
  path: '/corrections',
  component: lazyRouteComponent(() => import('./pages/corrections.tsx'), 'Corrections'),
});
const widgets = createRoute({
  getParentRoute: () => app,
  path: '/widgets',
  validateSearch: (search): WidgetSearch =>
    set({
      kind: oneOf(WIDGET_KINDS, search.kind),
      // Numbers and digits of colours come parsed.
      ...Object.fromEntries(
        WIDGET_OPTION_FIELDS.map(({ name }) => [
          name,
          search[name] === undefined ? undefined : String(search[name]).slice(0, 60),
        ]),
      ),
    }),
  component: lazyRouteComponent(() => import('./pages/widgets.tsx'), 'Widgets'),
});
const playlists = createRoute({
  getParentRoute: () => app,
  path: '/playlists',
  validateSearch: (search): PlaylistsSearch =>
    set({ tab: oneOf(PLAYLIST_TABS, search.tab), q: search.q === undefined ? undefined : String(search.q) }),
  component: lazyRouteComponent(() => import('./pages/playlists.tsx'), 'Playlists'),
});
const fair = createRoute({
  getParentRoute: () => app,
  path: '/fair',
  validateSearch: (search): FairSearch => {
    const tracks = number(search.tracks);
    return set({ seed: text(search.seed), tracks: tracks === undefined ? undefined : Number(tracks) });
  },
  component: lazyRouteComponent(() => import('./pages/fair.tsx'), 'Fair'),
});
const library = createRoute({
  getParentRoute: () => app,
  path: '/library',
  validateSearch: (search): LibrarySearch =>
    set({ tab: oneOf(LIBRARY_TABS, search.tab), source: text(search.source) }),
  component: lazyRouteComponent(() => import('./pages/library.tsx'), 'Library'),
});
const trackers = createRoute({
  getParentRoute: () => app,
  path: '/trackers',
  validateSearch: (search): TrackersSearch => set({ span: oneOf(TRACKER_SPANS, search.span) }),
  component: lazyRouteComponent(() => import('./pages/trackers.tsx'), 'Trackers'),
});
/** For anybody, so outside the frame of those who are signed in. */
const profile = createRoute({
  getParentRoute: () => root,
  path: '/u/$handle',
  component: lazyRouteComponent(() => import('./pages/profile.tsx'), 'Profile'),
});
/** Visitors see it too: they type the code of a room. */
const parties = createRoute({
  getParentRoute: () => app,
  path: ROOMS_PATH,
  component: lazyRouteComponent(() => import('./pages/parties.tsx'), 'Parties'),
});
/** For guests, who are not signed in, so outside the frame. */
const party = createRoute({
  getParentRoute: () => root,
  path: '/party/$code',
  component: lazyRouteComponent(() => import('./pages/party.tsx'), 'Party'),
});
const tv = createRoute({
  getParentRoute: () => root,
  path: '/tv/$code',
  component: lazyRouteComponent(() => import('./pages/tv.tsx'), 'Tv'),
});
const tvDoor = createRoute({
  getParentRoute: () => root,
  path: '/tv',
  component: lazyRouteComponent(() => import('./pages/tv.tsx'), 'TvDoor'),
});
const imports = createRoute({
  getParentRoute: () => app,
  path: '/imports',
  component: lazyRouteComponent(() => import('./pages/imports.tsx'), 'Imports'),
});
const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings.tsx'), 'Settings'),
});
/** For whoever has a link, so outside the frame. */
const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite',
  component: lazyRouteComponent(() => import('./pages/invite.tsx'), 'Invite'),
});
/** Operators have no listener's account, so the admin pages have a frame of their own. */
const admin = createRoute({
  getParentRoute: () => root,
  path: '/admin',
  component: lazyRouteComponent(() => import('./admin/admin-frame.tsx'), 'AdminFrame'),
});
const adminOverview = createRoute({
  getParentRoute: () => admin,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/admin.tsx'), 'Admin'),
});
const adminListeners = createRoute({
  getParentRoute: () => admin,
  path: '/listeners',
  validateSearch: (search): ListenersSearch =>
    set({
      q: search.q === undefined || search.q === '' ? undefined : String(search.q).slice(0, 60),
      filter: oneOf(USER_FILTERS, search.filter),
      sort: oneOf(USER_SORTS, search.sort),
    }),
  component: lazyRouteComponent(() => import('./pages/admin-listeners.tsx'), 'AdminListeners'),
});
const adminInvitations = createRoute({
  getParentRoute: () => admin,
  path: '/invitations',
  component: lazyRouteComponent(() => import('./pages/admin-invitations.tsx'), 'AdminInvitations'),
});
/** `/admin/queues` is the dashboard of BullMQ. */
const adminQueues = createRoute({
  getParentRoute: () => admin,
  path: '/jobs',
  validateSearch: (search): QueuesSearch => set({ queue: text(search.queue) }),
  component: lazyRouteComponent(() => import('./pages/admin-queues.tsx'), 'AdminQueues'),
});
const adminQuota = createRoute({
  getParentRoute: () => admin,
  path: '/quota',
  component: lazyRouteComponent(() => import('./pages/admin-quota.tsx'), 'AdminQuota'),
});
const adminFailures = createRoute({
  getParentRoute: () => admin,
  path: '/failures',
  component: lazyRouteComponent(() => import('./pages/admin-failures.tsx'), 'AdminFailures'),
});
const adminSettings = createRoute({
  getParentRoute: () => admin,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/admin-settings.tsx'), 'AdminSettings'),
});
const adminRecord = createRoute({
  getParentRoute: () => admin,
  path: '/record',
  component: lazyRouteComponent(() => import('./pages/admin-record.tsx'), 'AdminRecord'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    app.addChildren([
      home,
      feed,
      tops,
      history,
      habits,
      compare,
      thisYear,
      wrapped,
      track,
      artist,
      album,
      playlists,
      fair,
      library,
      trackers,
      parties,
      widgets,
      corrections,
      imports,
      settings,
    ]),
    admin.addChildren([
      adminOverview,
      adminListeners,
      adminInvitations,
      adminQueues,
      adminQuota,
      adminFailures,
      adminSettings,
      adminRecord,
    ]),
    invite,
    profile,
    party,
    tv,
    tvDoor,
  ]),
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
