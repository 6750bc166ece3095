import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { imageRouter } from './artwork/image-router.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { type SandboxClock, systemClock } from './clock.ts';
import { controlRouter } from './control/control-router.ts';
import { type SandboxControl, sandboxControl } from './control/sandbox-control.ts';
import { apiRouter } from './http/api-router.ts';
import { apiEndpoints } from './http/routes/api-endpoints.ts';
import { type GroundTruth, groundTruth } from './ledger/ground-truth.ts';
import { oauthRouter } from './oauth/oauth-router.ts';
import { completeOptions, type SandboxOptions } from './options.ts';
import { createWorld } from './world.ts';

/** A running sandbox. */
export interface Sandbox {
  /** In the place of `https://accounts.spotify.com`: `{accountsUrl}/authorize`, `{accountsUrl}/api/token`. */
  accountsUrl: string;
  /** In the place of `https://api.spotify.com`: `{apiUrl}/v1/me`. The same address as `accountsUrl`. */
  apiUrl: string;
  port: number;
  clock: SandboxClock;
  catalogue: Catalogue;
  control: SandboxControl;
  groundTruth: GroundTruth;
  /** Stops listening and breaks off open connections. */
  close(): Promise<void>;
}

/** Longest body that is read; covers are at most 256 kB in base 64. */
const BODY_LIMIT = '300kb';

/**
 * Starts a stand-in for Spotify's accounts service and Web API on one HTTP server.
 * @throws Error when an option contradicts Spotify's rules or the port is taken.
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const settings = completeOptions(options, options.clock ?? systemClock());
  let origin = settings.publicUrl ?? '';
  const world = createWorld(settings, () => origin);
  const control = sandboxControl(world);
  const truth = groundTruth(world);

  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(express.text({ type: () => true, limit: BODY_LIMIT }));
  app.use(oauthRouter(world));
  app.use(imageRouter(world));
  app.use('/_sandbox', controlRouter(world, control, truth));
  app.use(apiRouter(world, apiEndpoints));

  const server = createServer(app);
  // A client that keeps its connections must not meet one that is just being closed.
  server.keepAliveTimeout = 60_000;
  await listen(server, settings.port, settings.host);
  const { port } = server.address() as AddressInfo;
  origin ||= `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
  return {
    accountsUrl: origin,
    apiUrl: origin,
    port,
    clock: settings.clock,
    catalogue: world.catalogue,
    control,
    groundTruth: truth,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
