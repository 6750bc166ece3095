import { z } from 'zod';

/** Row id as a decimal string, as far as PostgreSQL's integers go. */
export const idSchema = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, { error: 'must be an id', abort: true })
  .refine((id) => Number(id) < 2 ** 31, 'must be an id');

/** A moment, ISO 8601 in UTC with milliseconds. */
export const timestampSchema = z.iso.datetime({ offset: true });

/** A moment given by a caller: ISO 8601, any offset; or a plain date (start of that day in UTC). */
export const timestampInputSchema = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => new Date(text));

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** IANA time zone name. */
export const timeZoneSchema = z
  .string()
  .max(64)
  .refine(
    (name) => /^[A-Za-z]/.test(name) && isTimeZone(name),
    'must be an IANA time zone such as Europe/Lisbon',
  );

/** Public name in addresses: 2-32 lower case letters, digits, `-`, `_`. */
export const handleSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{1,31}$/, 'must be 2 to 32 lower case letters, digits, "-" or "_"');

export const imageSchema = z.object({
  url: z.string(),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
});
export type Image = z.infer<typeof imageSchema>;

/** Query of every list: page size and where to go on. */
export const pageQueryShape = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  /** Opaque; from `nextCursor` of the page before. */
  cursor: z.string().max(512).optional(),
};

/** Answer of every list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** A boolean in a query string. */
export const queryFlagSchema = z
  .union([z.literal(['', '1', 'true', 'yes']), z.literal(['0', 'false', 'no'])])
  .transform((text) => ['', '1', 'true', 'yes'].includes(text));
