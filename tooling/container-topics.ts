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
  trustedProxies: optionalVariable('TRUSTED_PROXIES', {
    doc: 'Networks of proxies before nginx, space-separated, whose X-Forwarded-For and X-Forwarded-Proto are believed.',
    read: text,
    example: '172.16.0.0/12',
  }),
  acmeDomain: optionalVariable('ACME_DOMAIN', {
    doc: "With deploy/compose/tls.yml: the name of PUBLIC_URL, for a certificate of Let's Encrypt.",
    read: text,
    example: 'spindle.example.org',
  }),
  acmeEmail: optionalVariable('ACME_EMAIL', {
    doc: "With deploy/compose/tls.yml: whom Let's Encrypt may write to.",
    read: text,
    example: 'you@example.org',
  }),
});
