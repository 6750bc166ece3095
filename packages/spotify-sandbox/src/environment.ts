import { z } from 'zod';
import { parseClockScale, scaledClock, systemClock } from './clock.ts';
import { developmentQuota } from './limits/daily-quota.ts';
import { DEFAULT_APP, type SandboxOptions } from './options.ts';

const list = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);

const environment = z.object({
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(9090),
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_PUBLIC_URL: z.url().optional(),
  SANDBOX_SEED: z.string().min(1).default('spindle'),
  SANDBOX_PEOPLE: z.coerce.number().int().min(1).max(10_000).default(6),
  SANDBOX_MODE: z.enum(['development', 'extended']).default('development'),
  SANDBOX_CLOCK: z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined || text === '') return undefined;
      try {
        return scaledClock(parseClockScale(text));
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        return z.NEVER;
      }
    }),
  SANDBOX_CLIENT_ID: z.string().min(1).default(DEFAULT_APP.clientId),
  SANDBOX_CLIENT_SECRET: z.string().min(1).default(DEFAULT_APP.clientSecret),
  SANDBOX_APP_NAME: z.string().min(1).default(DEFAULT_APP.name),
  SANDBOX_REDIRECT_URIS: z.string().default(DEFAULT_APP.redirectUris.join(',')).transform(list),
  SANDBOX_QUOTA: z
    .union([z.literal('off'), z.coerce.number().int().min(1)])
    .optional()
    .describe('calls a day of the developer account, or off'),
  SANDBOX_LIMITS: z.enum(['on', 'off']).default('on'),
});

/**
 * The sandbox's options from environment variables.
 * @throws Error that lists every variable that is wrong, and how.
 */
export function optionsFromEnvironment(variables: Record<string, string | undefined>): SandboxOptions {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new Error(`The sandbox cannot start:\n${z.prettifyError(parsed.error)}`);
  }
  const value = parsed.data;
  const unlimited = value.SANDBOX_LIMITS === 'off';
  const quota = unlimited || value.SANDBOX_QUOTA === 'off' ? null : value.SANDBOX_QUOTA;
  return {
    port: value.SANDBOX_PORT,
    host: value.SANDBOX_HOST,
    seed: value.SANDBOX_SEED,
    people: value.SANDBOX_PEOPLE,
    mode: value.SANDBOX_MODE,
    clock: value.SANDBOX_CLOCK ?? systemClock(),
    apps: [
      {
        clientId: value.SANDBOX_CLIENT_ID,
        clientSecret: value.SANDBOX_CLIENT_SECRET,
        name: value.SANDBOX_APP_NAME,
        redirectUris: value.SANDBOX_REDIRECT_URIS,
      },
    ],
    ...(value.SANDBOX_PUBLIC_URL !== undefined && { publicUrl: value.SANDBOX_PUBLIC_URL }),
    ...(quota !== undefined && { quota: quota === null ? null : developmentQuota(quota) }),
    ...(unlimited && { rateLimit: null }),
  };
}
