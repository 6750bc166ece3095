import * as administration from './administration.ts';
import * as alerts from './alerts.ts';
import * as catalogueItems from './catalogue-items.ts';
import * as corrections from './corrections.ts';
import * as feed from './feed.ts';
import * as imports from './imports.ts';
import * as invitations from './invitations.ts';
import * as jobs from './jobs.ts';
import * as library from './library.ts';
import * as listenbrainz from './listenbrainz.ts';
import * as notices from './notices.ts';
import * as nowPlaying from './now-playing.ts';
import * as operations from './operations.ts';
import * as playlists from './playlists.ts';
import * as plays from './plays.ts';
import * as publicProfile from './public-profile.ts';
import * as queues from './queues.ts';
import * as relay from './relay.ts';
import * as rooms from './rooms.ts';
import type { AnyRoute } from './route.ts';
import * as signIn from './sign-in.ts';
import * as statistics from './statistics.ts';
import * as sync from './sync.ts';
import * as trackers from './trackers.ts';
import * as user from './user.ts';
import * as widgetRoutes from './widget-routes.ts';

function isRoute(value: unknown): value is AnyRoute {
  return (
    typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'auth' in value
  );
}

/** Every endpoint: one file adds its routes by being listed here. */
export const routes: readonly AnyRoute[] = [
  signIn,
  user,
  nowPlaying,
  feed,
  plays,
  statistics,
  catalogueItems,
  corrections,
  publicProfile,
  playlists,
  library,
  trackers,
  rooms,
  imports,
  listenbrainz,
  relay,
  notices,
  jobs,
  sync,
  operations,
  alerts,
  administration,
  invitations,
  queues,
  widgetRoutes,
]
  .flatMap((module) => Object.values(module))
  .filter(isRoute);
