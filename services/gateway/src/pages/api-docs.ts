import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { type RequestHandler, Router, static as serveStatic } from 'express';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Spindle API</title>
    <link rel="stylesheet" href="/docs/ui/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/ui/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * `GET /openapi.json`, and `GET /docs` to read and try it. The page comes whole from this machine and
 * uses the session of the browser.
 */
export function apiDocs(document: object): RequestHandler {
  const load = createRequire(import.meta.url);
  const assets = dirname(load.resolve('swagger-ui-dist/package.json'));
  const router = Router();
  router.get('/openapi.json', (_request, response) => {
    response.setHeader('cache-control', 'public, max-age=300');
    response.json(document);
  });
  router.get('/docs', (_request, response) => {
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('cache-control', 'no-cache');
    response.type('html').send(PAGE);
  });
  router.get('/docs/start.js', (_request, response) => {
    response.setHeader('cache-control', 'no-cache');
    response.type('js').send(START);
  });
  router.use('/docs/ui', serveStatic(assets, { index: false, maxAge: '7d', fallthrough: true }));
  return router;
}
