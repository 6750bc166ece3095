import type { ConnectionView } from '@spindle/contracts';
import type { Database } from './client.ts';

const DAY_MS = 86_400_000;
/** Spotify ends a consent this many months after it was given, however often it is refreshed. */
const CONSENT_MONTHS = 6;

/** The columns of `spotify_credentials` that tell how a listener stands with Spotify. */
export interface ConnectionRow {
  readonly scope: string;
  readonly authorizedAt: Date;
  readonly reauthNeededAt: Date | null;
  readonly reauthReason: string | null;
  readonly refusal: string | null;
  readonly refusalAt: Date | null;
}

/** For `select` of Prisma. */
export const CONNECTION_COLUMNS = {
  scope: true,
  authorizedAt: true,
  reauthNeededAt: true,
  reauthReason: true,
  refusal: true,
  refusalAt: true,
} as const;

const REFUSALS: Readonly<Record<string, string>> = {
  not_allow_listed:
    "Spotify answers only people on the app's list: the operator adds your Spotify e-mail under User Management in the Spotify dashboard.",
  owner_not_premium:
    "Spotify pauses the whole app while its owner has no Premium: the operator's account needs an active subscription.",
  missing_scope: 'Spotify misses a permission: sign in again and allow everything on the page.',
};

/** When a consent given at `authorizedAt` ends (same day and time six months later, UTC). */
export function consentEndsAt(authorizedAt: Date): Date {
  const end = new Date(authorizedAt);
  end.setUTCMonth(end.getUTCMonth() + CONSENT_MONTHS);
  // 31 August + 6 months has no such day: the last of February, not the third of March.
  if (end.getUTCDate() !== authorizedAt.getUTCDate()) end.setUTCDate(0);
  return end;
}

const NOT_CONNECTED: ConnectionView = {
  connected: false,
  reauthNeeded: false,
  reauthReason: null,
  authorizedAt: null,
  reauthBy: null,
  daysLeft: null,
  missingScopes: [],
  refusal: null,
};

/** @param wantedScopes what Spindle asks for at consent. */
export function toConnectionView(
  row: ConnectionRow | null,
  wantedScopes: readonly string[],
  now: Date,
): ConnectionView {
  if (!row) return NOT_CONNECTED;
  const endsAt = consentEndsAt(row.authorizedAt);
  const granted = new Set(row.scope.split(/\s+/));
  return {
    connected: row.reauthNeededAt === null,
    reauthNeeded: row.reauthNeededAt !== null,
    reauthReason: row.reauthNeededAt
      ? (row.reauthReason ?? 'Spotify no longer accepts the consent: sign in again.')
      : null,
    authorizedAt: row.authorizedAt.toISOString(),
    reauthBy: endsAt.toISOString(),
    daysLeft: Math.max(0, Math.floor((endsAt.getTime() - now.getTime()) / DAY_MS)),
    missingScopes: wantedScopes.filter((scope) => !granted.has(scope)),
    refusal:
      row.refusal && row.refusalAt
        ? {
            code: row.refusal,
            message: REFUSALS[row.refusal] ?? 'Spotify refused the last request.',
            at: row.refusalAt.toISOString(),
          }
        : null,
  };
}

/** How a listener stands with Spotify. */
export async function loadConnection(
  db: Database,
  userId: number,
  wantedScopes: readonly string[],
  now: Date,
): Promise<ConnectionView> {
  const row = await db.prisma.spotifyCredential.findUnique({ where: { userId }, select: CONNECTION_COLUMNS });
  return toConnectionView(row, wantedScopes, now);
}
