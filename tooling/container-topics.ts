import { defineTopic, optionalVariable, variable } from '@spindle/service-kit';
import { z } from 'zod';

const text = z.string().min(1);

/** What docker-compose.yml asks the operator beside what the services read. */
export const compose = defineTopic('Docker Compose', {
  address: variable('SPINDLE_ADDRESS', {
    doc: 'The address of the machine that nginx is published on. 127.0.0.1 is for another proxy on the same machine; 0.0.0.0 opens it to the network.',
    read: text,
    fallback: '127.0.0.1',
  }),
  port: variable('SPINDLE_PORT', {
    doc: 'The port of the machine that nginx is published on.',
    read: text,
    fallback: '4680',
  }),
  version: variable('SPINDLE_VERSION', {
    doc: 'The tag of the images that are built and run.',
    read: text,
    fallback: 'local',
  }),
  secretsFolder: variable('SPINDLE_SECRETS', {
    doc: 'The folder with one file a secret, made by `npm run secrets` or `docker compose run --rm secrets`.',
    read: text,
    fallback: './secrets',
  }),
});

/** What the front, nginx/render.sh, reads beside PUBLIC_URL, SPOTIFY_API_URL and the limits of imports. */
export const front = defineTopic('Front (nginx)', {
  trustedProxies: optionalVariable('TRUSTED_PROXIES', {
    doc: 'Networks of proxies before nginx, space-separated, whose X-Forwarded-For and X-Forwarded-Proto are believed.',
    read: text,
    example: '172.16.0.0/12',
  }),
  gateways: variable('GATEWAYS', {
    doc: 'Where the gateways are, as host:port, space-separated. A name stands for every address that it resolves to.',
    read: text,
    fallback: 'gateway:4680',
  }),
  certificate: optionalVariable('TLS_CERTIFICATE', {
    doc: 'The file with the certificate and its chain, as nginx sees it; with it nginx answers https as well.',
    read: text,
    example: '/etc/letsencrypt/live/spindle/fullchain.pem',
  }),
  key: optionalVariable('TLS_KEY', {
    doc: 'The file with the key of that certificate.',
    read: text,
    example: '/etc/letsencrypt/live/spindle/privkey.pem',
  }),
});
