import { routes } from '@spindle/contracts';
import { openApiDocument } from '@spindle/contracts/openapi';
import { createTokenBox } from '@spindle/service-kit';
import express, { type Express } from 'express';
import { requireAdmin, requireScraper } from './admin-guard.ts';
import { createAuthenticate, createOpenSession } from './auth/authenticate.ts';
import { createJwtIssuer } from './auth/jwt.ts';
import { createOperatorSignIn } from './auth/operator-sign-in.ts';
import { createSignIn } from './auth/sign-in.ts';
import type { GatewayContext } from './context.ts';
import { httpMetrics } from './metrics/http-metrics.ts';
import { crossOrigin } from './middleware/cors.ts';
import { notFound, problemHandler } from './middleware/problem-handler.ts';
import { requestLog } from './middleware/request-log.ts';
import { requestSpan } from './middleware/request-span.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { createMount } from './mount.ts';
import { apiDocs } from './pages/api-docs.ts';
import { problemPage } from './pages/problem-pages.ts';
import { webApp } from './pages/web-app.ts';
import { DASHBOARD_PATH, noteDashboard, queueDashboard } from './queue-dashboard.ts';
import { createHttpDoor } from './rooms/http-door.ts';
import { mountAdmin } from './routes/admin.ts';
import { mountAlerts } from './routes/alerts.ts';
import { mountApiTokens } from './routes/api-tokens.ts';
import { mountCatalogueItems } from './routes/catalogue-items.ts';
import { mountComparison } from './routes/comparison.ts';
import { mountCorrections } from './routes/corrections.ts';
import { mountExport } from './routes/export.ts';
import { mountFailures } from './routes/failures.ts';
import { mountFeed } from './routes/feed.ts';
import { mountImports } from './routes/imports.ts';
import { mountInstanceSettings } from './routes/instance-settings.ts';
import { mountInvitations } from './routes/invitations.ts';
import { mountJobs } from './routes/jobs.ts';
import { mountLibrary } from './routes/library.ts';
import { mountListenBrainz } from './routes/listenbrainz.ts';
import { mountListeners } from './routes/listeners.ts';
import { mountListeningHabits } from './routes/listening-habits.ts';
import { mountNotices } from './routes/notices.ts';
import { mountNowPlaying } from './routes/now-playing.ts';
import { mountOperations } from './routes/operations.ts';
import { mountOperatorSignIn } from './routes/operator-sign-in.ts';
import { mountPlaylistSchedules } from './routes/playlist-schedules.ts';
import { mountPlaylists } from './routes/playlists.ts';
import { mountPlays } from './routes/plays.ts';
import { mountPublicProfile } from './routes/public-profile.ts';
import { mountQueues } from './routes/queues.ts';
import { mountRelay } from './routes/relay.ts';
import { mountRooms } from './routes/rooms.ts';
import { mountShuffleFigures } from './routes/shuffle-figures.ts';
import { mountSignIn } from './routes/sign-in.ts';
import { mountStatistics } from './routes/statistics.ts';
import { mountSync } from './routes/sync.ts';
import { mountTrackers } from './routes/trackers.ts';
import { mountUser } from './routes/user.ts';
import { mountWidgets } from './routes/widgets.ts';
import { mountWrapped } from './routes/wrapped.ts';
import { createStatisticsMount } from './statistics-answers.ts';
import { createWidgetAnswers } from './widgets/widget-answers.ts';

/** The whole HTTP surface, in the order in which a request passes it. */
export function createApp(context: GatewayContext): Express {
  const { config, logger, clock, metrics, limits } = context;
  const jwt = createJwtIssuer({ secrets: config.secrets.jwtSecrets, issuer: config.web.publicUrl, clock });
  const openSession = createOpenSession(context);
  const authenticate = createAuthenticate(context, jwt, openSession);
  const roomDoor = createHttpDoor({ config, authenticate, limits, door: context.roomDoor });
  const box = createTokenBox(config.secrets.tokenKeys);
  const signIn = createSignIn(context, box);

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.web.trustProxy);
  app.set('query parser', 'simple');
  app.set('etag', false);

  app.use(httpMetrics(metrics));
  // Before everything else: cards are asked for far more often than they change.
  const cards = createWidgetAnswers(() => clock.nowMs());
  app.use(cards.early);
  app.use(requestSpan);
  app.use(requestLog(logger));
  app.use(securityHeaders(config));
  app.use(crossOrigin(config.web.corsOrigins));

  const mount = createMount({ context, authenticate, limits, roomDoor }, app);
  mountOperations(mount, context);
  mountSignIn(mount, context, { signIn, openSession, jwt });
  const operators = createOperatorSignIn(context);
  mountOperatorSignIn(mount, context, { operators, openSession, authenticate });
  mountUser(mount, context);
  mountApiTokens(mount, context);
  mountNowPlaying(mount, context);
  mountFeed(mount, context, authenticate);
  mountPlays(mount, context);
  mountExport(mount, context);
  const statistics = createStatisticsMount(mount, context);
  mountStatistics(statistics);
  mountCorrections(mount, statistics, context);
  mountListeningHabits(statistics);
  mountComparison(statistics, context);
  mountWrapped(statistics);
  mountCatalogueItems(statistics);
  mountPublicProfile(mount, statistics, context);
  mountPlaylists(mount, context);
  mountLibrary(mount, context);
  mountPlaylistSchedules(mount, context);
  mountRooms(mount, context, roomDoor);
  mountTrackers(mount, context);
  mountShuffleFigures(mount, context);
  mountWidgets(mount, cards, context);
  mountImports(mount, context);
  mountListenBrainz(mount, context, authenticate);
  mountRelay(mount, context, box);
  mountNotices(mount, context, box);
  mountJobs(mount, context);
  mountSync(mount, context);
  mountAlerts(mount, context);
  mountAdmin(mount, context);
  mountListeners(mount, context);
  mountInvitations(mount, context, openSession);
  mountInstanceSettings(mount, context);
  mountQueues(mount, context);
  mountFailures(mount, context);
  mount.close();

  app.get('/metrics', async (request, response) => {
    await requireScraper(request, response, authenticate);
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  app.use(apiDocs(openApiDocument(routes, { version: context.version, serverUrl: config.web.publicUrl })));
  app.get('/problems/:slug', problemPage);
  app.use(
    DASHBOARD_PATH,
    requireAdmin(authenticate, (caller, request) => noteDashboard(context, caller, request)),
    queueDashboard(context.producer, config.web),
  );
  if (config.web.webDist !== undefined) app.use(webApp(config.web.webDist));

  app.use(notFound);
  app.use(problemHandler(clock));
  return app;
}
