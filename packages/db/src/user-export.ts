import type { Database } from './client.ts';
import { loadPlaylistContents } from './library/contents.ts';
import { exportPlays } from './play-export.ts';

/** One file of an export: a name and the rows it holds, read from the database as they are asked for. */
export interface ExportFile {
  readonly name: string;
  rows(): AsyncIterable<object>;
}

async function* plays(db: Database, userId: number): AsyncGenerator<object> {
  for await (const page of exportPlays(db, userId)) yield* page;
}

async function* query(db: Database, text: string, userId: number): AsyncGenerator<object> {
  const { rows } = await db.pool.query<object>(text, [userId]);
  yield* rows;
}

/** One playlist after another: each may hold thousands of items. */
async function* contents(db: Database, userId: number): AsyncGenerator<object> {
  const { rows } = await db.pool.query<{ playlist_id: string }>(
    'SELECT playlist_id FROM playlist_contents WHERE user_id = $1 ORDER BY playlist_id',
    [userId],
  );
  for (const { playlist_id: playlistId } of rows) {
    const stored = await loadPlaylistContents(db, userId, playlistId);
    if (stored) yield { playlistId, ...stored };
  }
}

/** Small tables, whole in one statement each. Nothing secret is among the columns. */
const TABLES: Readonly<Record<string, string>> = {
  profile: `SELECT u.account_id AS "accountId", u.spotify_id AS "spotifyId", u.handle, u.display_name AS "displayName",
      u.image_url AS "imageUrl", u.time_zone AS "timeZone", u.is_admin AS "isAdmin", u.live_capture AS "liveCapture",
      u.trackers, u.public_profile AS "publicProfile", u.public_history AS "publicHistory",
      u.public_stats AS "publicStats", u.comparable, u.min_play_ms AS "minPlayMs", u.created_at AS "createdAt", u.last_sign_in_at AS "lastSignInAt",
      c.scope AS "consentScope", c.authorized_at AS "authorizedAt"
    FROM users u LEFT JOIN spotify_credentials c ON c.user_id = u.id WHERE u.id = $1`,
  'api-tokens': `SELECT name, hint, scopes, created_at AS "createdAt", last_used_at AS "lastUsedAt",
      expires_at AS "expiresAt" FROM api_tokens WHERE user_id = $1 ORDER BY id`,
  invitations: `SELECT hint, note, max_uses AS "maxUses", uses, created_at AS "createdAt", expires_at AS "expiresAt",
      revoked_at AS "revokedAt" FROM invitations WHERE created_by_id = $1 ORDER BY id`,
  'admin-actions': `SELECT at, action, target, details FROM admin_actions WHERE actor_id = $1 ORDER BY id`,
  exclusions: `SELECT r.kind, a.name AS artist, a.spotify_id AS "artistSpotifyId", c.uri AS context, d.name AS device,
      r.from_hour AS "fromHour", r.to_hour AS "toHour", r.from_at AS "from", r.to_at AS "to", r.created_at AS "createdAt"
    FROM exclusion_rules r LEFT JOIN artists a ON a.id = r.artist_id LEFT JOIN play_contexts c ON c.id = r.context_id
    LEFT JOIN play_devices d ON d.id = r.device_id WHERE r.user_id = $1 ORDER BY r.id`,
  'track-merges': `SELECT t.name AS track, t.spotify_id AS "trackSpotifyId", i.name AS into,
      i.spotify_id AS "intoSpotifyId", m.created_at AS "createdAt"
    FROM track_merges m JOIN tracks t ON t.id = m.track_id JOIN tracks i ON i.id = m.into_id
    WHERE m.user_id = $1 ORDER BY m.created_at, m.track_id`,
  'artist-aliases': `SELECT a.name AS artist, a.spotify_id AS "artistSpotifyId", i.name AS into,
      i.spotify_id AS "intoSpotifyId", s.created_at AS "createdAt"
    FROM artist_aliases s JOIN artists a ON a.id = s.artist_id JOIN artists i ON i.id = s.into_id
    WHERE s.user_id = $1 ORDER BY s.created_at, s.artist_id`,
  relay: `SELECT url, enabled, relayed, relayed_to AS "relayedTo", last_error AS "lastError",
      last_error_at AS "lastErrorAt" FROM relays WHERE user_id = $1`,
  'widget-links': `SELECT name, key, created_at AS "createdAt" FROM widget_links WHERE user_id = $1 ORDER BY id`,
  notices: `SELECT n.kind, n.host, n.last_error AS "lastError", n.last_error_at AS "lastErrorAt",
      (SELECT json_agg(json_build_object('daysLeft', w.days_left, 'sentAt', w.sent_at) ORDER BY w.sent_at)
         FROM consent_warnings w WHERE w.user_id = n.user_id) AS warnings
    FROM notice_targets n WHERE n.user_id = $1`,
  'capture-gaps': `SELECT from_at AS "from", to_at AS "to", detected_at AS "detectedAt" FROM capture_gaps
    WHERE user_id = $1 ORDER BY from_at`,
  'removed-plays': `SELECT t.name AS track, t.spotify_id AS "spotifyId", r.played_at AS "playedAt",
      r.ended_at AS "endedAt", r.removed_at AS "removedAt" FROM removed_plays r JOIN tracks t ON t.id = r.track_id
    WHERE r.user_id = $1 ORDER BY r.played_at`,
  'now-playing': `SELECT n.kind, n.is_playing AS "isPlaying", coalesce(t.name, n.title) AS title, n.subtitle,
      n.progress_ms AS "progressMs", n.observed_at AS "observedAt", n.device_name AS "deviceName"
    FROM now_playing n LEFT JOIN tracks t ON t.id = n.track_id WHERE n.user_id = $1`,
  shares: `SELECT started_at AS "startedAt", expires_at AS "expiresAt", ended_at AS "endedAt" FROM shares
    WHERE user_id = $1 ORDER BY id`,
  imports: `SELECT i.id, i.status, i.created_at AS "createdAt", i.finished_at AS "finishedAt", i.problem, f.name AS file,
      f.format, f.bytes::float8 AS bytes, f.read, f.imported, f.duplicates, f.skipped, f.failed
    FROM imports i LEFT JOIN import_files f ON f.import_id = i.id WHERE i.user_id = $1 ORDER BY i.id, f.position`,
  'liked-tracks': `SELECT l.item_key AS "itemKey", t.name, t.spotify_id AS "spotifyId", l.added_at AS "addedAt", l.unplayable
    FROM liked_tracks l LEFT JOIN tracks t ON t.id = l.track_id WHERE l.user_id = $1 ORDER BY l.place DESC`,
  'library-playlists': `SELECT p.playlist_id AS "playlistId", p.name, p.description, p.owner_id AS "ownerId",
      p.owner_name AS "ownerName", p.own, p.collaborative, p.public, p.item_count AS "itemCount",
      p.snapshot_id AS "snapshotId" FROM library_playlists p WHERE p.user_id = $1 ORDER BY p.position`,
  library: `SELECT liked_read_at AS "likedReadAt", liked_full_at AS "likedFullAt", liked_total AS "likedTotal",
      playlists_read_at AS "playlistsReadAt", playlists_total AS "playlistsTotal" FROM library_states WHERE user_id = $1`,
  'shuffled-playlists': `SELECT o.source_id AS "sourceId", o.source_name AS "sourceName", o.mode, o.seed, o.request,
      o.target, o.playlist_id AS "playlistId", o.name, o.refreshed, o.part, o.parts, o.track_count AS "trackCount",
      o.source_count AS "sourceTracks", o.left_out AS "leftOut", o.left_out_names AS "leftOutNames", o.status,
      o.failure_code AS "failureCode", o.failure_message AS "failureMessage", o.uris AS "stillToWrite",
      o.schedule_id IS NOT NULL AS scheduled, o.created_at AS "createdAt", o.finished_at AS "finishedAt",
      o.deleted_at AS "deletedAt" FROM shuffled_playlists o WHERE o.user_id = $1
    ORDER BY coalesce(o.lead_id, o.id), o.part`,
  'playlist-schedules': `SELECT source_name AS "sourceName", request, pattern, enabled, next_at AS "nextAt",
      last_run_at AS "lastRunAt", failures, playlist_id AS "playlistId", created_at AS "createdAt"
    FROM playlist_schedules WHERE user_id = $1 ORDER BY id`,
  'shuffled-tracks': `SELECT t.name AS track, t.spotify_id AS "spotifyId", s.times FROM shuffled_tracks s
    JOIN tracks t ON t.id = s.track_id WHERE s.user_id = $1 ORDER BY s.times DESC, t.id`,
  tracker: `SELECT day::text AS day, liked_tracks AS "likedTracks", playlists, plays, ms_played::float8 AS "msPlayed"
    FROM tracker_points WHERE user_id = $1 ORDER BY day`,
  analyses: `SELECT created_at AS "createdAt", result FROM library_analyses WHERE user_id = $1 ORDER BY id`,
  rooms: `SELECT r.code, r.name, r.mode, r.created_at AS "createdAt", r.ended_at AS "endedAt",
      p.display_name AS "joinedAs", p.joined_at AS "joinedAt", p.left_at AS "leftAt"
    FROM room_participants p JOIN rooms r ON r.id = p.room_id WHERE p.user_id = $1 ORDER BY p.joined_at`,
  votes: `SELECT t.name AS track, v.is_like AS "isLike", v.voted_at AS "votedAt" FROM votes v
    JOIN room_participants p ON p.id = v.participant_id JOIN room_tracks rt ON rt.id = v.room_track_id
    JOIN tracks t ON t.id = rt.track_id WHERE p.user_id = $1 ORDER BY v.voted_at`,
  'skip-votes': `SELECT t.name AS track, v.voted_at AS "votedAt" FROM skip_votes v
    JOIN room_participants p ON p.id = v.participant_id JOIN room_tracks rt ON rt.id = v.room_track_id
    JOIN tracks t ON t.id = rt.track_id WHERE p.user_id = $1 ORDER BY v.voted_at`,
  proposals: `SELECT r.code AS room, t.name AS track, t.spotify_id AS "spotifyId", rt.state, rt.likes, rt.dislikes,
      rt.proposed_at AS "proposedAt", rt.promoted_at AS "promotedAt", rt.played_at AS "playedAt"
    FROM room_tracks rt JOIN room_participants p ON p.id = rt.proposed_by_id JOIN rooms r ON r.id = rt.room_id
    JOIN tracks t ON t.id = rt.track_id WHERE p.user_id = $1 ORDER BY rt.id`,
};

/** Everything that is kept about a listener, file by file; plays are read page by page, in the shape of {@link exportPlays}. */
export function exportUser(db: Database, userId: number): ExportFile[] {
  const small = Object.entries(TABLES).map(([name, text]) => ({
    name: `${name}.ndjson`,
    rows: () => query(db, text, userId),
  }));
  return [
    ...small,
    { name: 'playlist-contents.ndjson', rows: () => contents(db, userId) },
    { name: 'plays.ndjson', rows: () => plays(db, userId) },
  ];
}
