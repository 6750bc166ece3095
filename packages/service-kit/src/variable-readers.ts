import { isIP } from 'node:net';
import { z } from 'zod';

/** Readers of the text of one variable; every message completes the sentence "NAME is …: …". */

export const text = z.string().min(1, 'must not be empty');

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): z.ZodType<number, string> {
  const message = `expected a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

export const port = whole(0, 65_535);

/** `true` or `false`. */
export const flag: z.ZodType<boolean, string> = z
  .enum(['true', 'false'], 'expected true or false')
  .transform((value) => value === 'true');

export const logLevel = z.enum(
  ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  'expected trace, debug, info, warn, error, fatal or silent',
);

/** An absolute URL of one of the given protocols (each with its colon). */
export function urlOf(...protocols: string[]): z.ZodType<string, string> {
  const message = `expected an address that starts with ${protocols.map((one) => `${one}//`).join(' or ')}`;
  return z.string().refine((value) => protocols.includes(URL.parse(value)?.protocol ?? ''), message);
}

/** An http(s) address without a trailing slash, so that paths can be appended. */
export const httpUrl: z.ZodType<string, string> = urlOf('http:', 'https:').transform((value) =>
  value.replace(/\/+$/, ''),
);

/** Scheme, host and port only. */
export const httpOrigin: z.ZodType<string, string> = httpUrl
  .refine(
    (value) => URL.parse(value)?.pathname === '/' && !/[?#@]/.test(value),
    'must have no path, query or user',
  )
  .transform((value) => new URL(value).origin);

/** Comma-separated parts, each read by `part`; empty parts are dropped. */
export function list<T>(part: z.ZodType<T, string>): z.ZodType<T[], string> {
  return z
    .string()
    .transform((value) => splitList(value))
    .pipe(z.array(part));
}

export function splitList(value: string): string[] {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** An address or a network, such as `10.0.0.5` or `fd00::/8`. */
export const cidr: z.ZodType<string, string> = z.string().refine((value) => {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}, 'expected an IP address, or a network such as 10.0.0.0/8');

/** A part of the whole, from 0 to 1. */
export const share: z.ZodType<number, string> = z
  .string()
  .regex(/^(0|1|0?\.\d{1,6}|1\.0{1,6})$/, 'expected a number from 0 to 1')
  .transform(Number);

/** `name=value` pairs, comma-separated, values percent-encoded as in a URL. */
export const headerList: z.ZodType<Record<string, string>, string> = z
  .string()
  .transform((value, context) => {
    const headers: Record<string, string> = {};
    for (const pair of splitList(value)) {
      const [, name, coded] = /^([A-Za-z0-9-]{1,100})\s*=\s*(\S.*)$/.exec(pair) ?? [];
      const plain = coded === undefined ? undefined : decoded(coded);
      if (name === undefined || plain === undefined) {
        context.addIssue({ code: 'custom', message: 'expected name=value pairs, comma-separated' });
        return z.NEVER;
      }
      headers[name.toLowerCase()] = plain;
    }
    return headers;
  });

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
