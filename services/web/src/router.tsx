import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { Failure } from './components/failure.tsx';
import type { HistorySearch } from './pages/history.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Shell } from './shell.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  notFoundComponent: NotFound,
});

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const date = (value: unknown): string | undefined =>
  /^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? String(value) : undefined;

const home = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/home.tsx'), 'Home'),
});
const history = createRoute({
  getParentRoute: () => app,
  path: '/history',
  validateSearch: (search): HistorySearch => {
    const [q, from, to] = [text(search.q), date(search.from), date(search.to)];
    return { ...(q ? { q } : {}), ...(from ? { from } : {}), ...(to ? { to } : {}) };
  },
  component: lazyRouteComponent(() => import('./pages/history.tsx'), 'History'),
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
const admin = createRoute({
  getParentRoute: () => app,
  path: '/admin',
  component: lazyRouteComponent(() => import('./pages/admin.tsx'), 'Admin'),
});

export const router = createRouter({
  routeTree: root.addChildren([app.addChildren([home, history, imports, settings, admin])]),
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
