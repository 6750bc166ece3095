import { REGISTRATIONS } from '@spindle/contracts';
import { z } from 'zod';
import type { Database, Queryable } from './client.ts';

/** What an admin decides at run time. */
export const instanceSettingsSchema = z.object({
  /** Whether people whom the instance does not know yet may sign in. */
  registration: z.enum(REGISTRATIONS).default('open'),
  /** Whether visitors may see the feed of those who share. */
  feedPublic: z.boolean().default(true),
  /** What the instance is called; null: as its configuration says. */
  name: z.string().min(1).max(60).nullable().default(null),
  /** The user whose track `GET /api/now-playing` shows; null: the first admin. */
  ownerUserId: z.number().int().positive().nullable().default(null),
  /** SHA-256 (base64url) of the refresh token from which the owner was found out; null: not from a token. */
  ownerTokenHash: z.string().nullable().default(null),
});
export type InstanceSettings = z.infer<typeof instanceSettingsSchema>;

/** All settings; what was never set, or cannot be read any more, has its default. */
export async function loadSettings(db: Queryable): Promise<InstanceSettings> {
  const { rows } = await db.query<{ key: string; value: unknown }>('SELECT key, value FROM settings');
  const stored = new Map(rows.map((row) => [row.key, row.value]));
  const defaults = instanceSettingsSchema.parse({});
  const read = Object.entries(instanceSettingsSchema.shape).map(([key, schema]) => {
    const value = stored.has(key) ? schema.safeParse(stored.get(key)) : undefined;
    return [key, value?.success ? value.data : defaults[key as keyof InstanceSettings]];
  });
  return instanceSettingsSchema.parse(Object.fromEntries(read));
}

/** Changes some of the settings. */
export async function saveSettings(
  db: Database,
  changes: Partial<InstanceSettings>,
  now: Date,
): Promise<InstanceSettings> {
  const parsed = instanceSettingsSchema.partial().parse(changes);
  await db.transaction(async (tx) => {
    for (const key of Object.keys(changes).sort()) {
      const value = JSON.stringify(parsed[key as keyof InstanceSettings] ?? null);
      await tx.query(
        `INSERT INTO settings (key, value, updated_at) VALUES ($1, $2::jsonb, $3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
        [key, value, now],
      );
    }
  });
  return loadSettings(db.pool);
}
