-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "now_playing_kind" AS ENUM ('track', 'episode', 'ad', 'local', 'unknown', 'nothing');

-- CreateEnum
CREATE TYPE "import_status" AS ENUM ('uploading', 'queued', 'running', 'succeeded', 'failed', 'undone');

-- CreateEnum
CREATE TYPE "shuffle_mode" AS ENUM ('uniform', 'spread', 'unheard', 'liked');

-- CreateEnum
CREATE TYPE "operation_status" AS ENUM ('queued', 'running', 'succeeded', 'failed');

-- CreateEnum
CREATE TYPE "room_mode" AS ENUM ('threshold', 'queue');

-- CreateEnum
CREATE TYPE "room_track_state" AS ENUM ('proposed', 'promoted', 'playing', 'played', 'skipped', 'removed');

-- CreateTable
CREATE TABLE "users" (
    "id" SERIAL NOT NULL,
    "account_id" TEXT NOT NULL,
    "spotify_id" TEXT NOT NULL,
    "handle" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "image_url" TEXT,
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "is_admin" BOOLEAN NOT NULL DEFAULT false,
    "live_capture" BOOLEAN NOT NULL DEFAULT false,
    "trackers" BOOLEAN NOT NULL DEFAULT true,
    "public_profile" BOOLEAN NOT NULL DEFAULT false,
    "public_history" BOOLEAN NOT NULL DEFAULT false,
    "public_stats" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_sign_in_at" TIMESTAMPTZ(3),
    "erasing_at" TIMESTAMPTZ(3),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "spotify_credentials" (
    "user_id" INTEGER NOT NULL,
    "app_id" TEXT NOT NULL,
    "access_token" BYTEA,
    "refresh_token" BYTEA,
    "access_token_expires_at" TIMESTAMPTZ(3),
    "scope" TEXT NOT NULL,
    "authorized_at" TIMESTAMPTZ(3) NOT NULL,
    "refused_at" TIMESTAMPTZ(3),
    "reauth_needed_at" TIMESTAMPTZ(3),
    "reauth_reason" TEXT,
    "refusal" TEXT,
    "refusal_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "spotify_credentials_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hidden_artists" (
    "user_id" INTEGER NOT NULL,
    "artist_id" INTEGER NOT NULL,

    CONSTRAINT "hidden_artists_pkey" PRIMARY KEY ("user_id","artist_id")
);

-- CreateTable
CREATE TABLE "artists" (
    "id" SERIAL NOT NULL,
    "spotify_id" TEXT,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "images" JSONB,
    "genres" TEXT[],
    "fetched_at" TIMESTAMPTZ(3),

    CONSTRAINT "artists_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "albums" (
    "id" SERIAL NOT NULL,
    "spotify_id" TEXT,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "artist_key" TEXT NOT NULL,
    "album_type" TEXT,
    "release_date" TEXT,
    "release_date_precision" TEXT,
    "total_tracks" INTEGER,
    "upc" TEXT,
    "images" JSONB,
    "fetched_at" TIMESTAMPTZ(3),

    CONSTRAINT "albums_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "album_artists" (
    "album_id" INTEGER NOT NULL,
    "position" SMALLINT NOT NULL,
    "artist_id" INTEGER NOT NULL,

    CONSTRAINT "album_artists_pkey" PRIMARY KEY ("album_id","position")
);

-- CreateTable
CREATE TABLE "tracks" (
    "id" SERIAL NOT NULL,
    "spotify_id" TEXT,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "artist_key" TEXT NOT NULL,
    "album_id" INTEGER,
    "duration_ms" INTEGER,
    "explicit" BOOLEAN,
    "isrc" TEXT,
    "disc_number" SMALLINT,
    "track_number" SMALLINT,
    "fetched_at" TIMESTAMPTZ(3),
    "fetch_after" TIMESTAMPTZ(3),

    CONSTRAINT "tracks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "track_aliases" (
    "spotify_id" TEXT NOT NULL,
    "track_id" INTEGER NOT NULL,

    CONSTRAINT "track_aliases_pkey" PRIMARY KEY ("spotify_id")
);

-- CreateTable
CREATE TABLE "track_artists" (
    "track_id" INTEGER NOT NULL,
    "position" SMALLINT NOT NULL,
    "artist_id" INTEGER NOT NULL,

    CONSTRAINT "track_artists_pkey" PRIMARY KEY ("track_id","position")
);

-- CreateTable
CREATE TABLE "play_contexts" (
    "id" SERIAL NOT NULL,
    "uri" TEXT NOT NULL,

    CONSTRAINT "play_contexts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plays" (
    "user_id" INTEGER NOT NULL,
    "played_at" TIMESTAMPTZ(3) NOT NULL,
    "track_id" INTEGER NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "ms_played" INTEGER,
    "context_id" INTEGER,
    "import_id" INTEGER,
    "source" SMALLINT NOT NULL,
    "seen_by" SMALLINT NOT NULL,
    "flags" SMALLINT NOT NULL DEFAULT 0,

    CONSTRAINT "plays_pkey" PRIMARY KEY ("user_id","played_at","track_id")
);

-- CreateTable
CREATE TABLE "play_days" (
    "user_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "track_id" INTEGER NOT NULL,
    "plays" INTEGER NOT NULL,
    "ms_played" BIGINT NOT NULL,
    "ms_assumed" BIGINT NOT NULL,

    CONSTRAINT "play_days_pkey" PRIMARY KEY ("user_id","day","track_id")
);

-- CreateTable
CREATE TABLE "capture_states" (
    "user_id" INTEGER NOT NULL,
    "next_history_at" TIMESTAMPTZ(3),
    "history_lease_until" TIMESTAMPTZ(3),
    "history_read_at" TIMESTAMPTZ(3),
    "history_newest_at" TIMESTAMPTZ(3),
    "next_playback_at" TIMESTAMPTZ(3),
    "playback_lease_until" TIMESTAMPTZ(3),
    "playback_read_at" TIMESTAMPTZ(3),
    "watched_until" TIMESTAMPTZ(3),
    "idle_reads" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "last_error_code" TEXT,
    "last_error_at" TIMESTAMPTZ(3),

    CONSTRAINT "capture_states_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "capture_gaps" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "to_at" TIMESTAMPTZ(3) NOT NULL,
    "detected_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "capture_gaps_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "now_playing" (
    "user_id" INTEGER NOT NULL,
    "kind" "now_playing_kind" NOT NULL,
    "is_playing" BOOLEAN NOT NULL,
    "track_id" INTEGER,
    "title" TEXT,
    "subtitle" TEXT,
    "duration_ms" INTEGER,
    "progress_ms" INTEGER,
    "started_at" TIMESTAMPTZ(3),
    "observed_at" TIMESTAMPTZ(3) NOT NULL,
    "device_name" TEXT,
    "device_type" TEXT,
    "is_private" BOOLEAN NOT NULL DEFAULT false,
    "context_uri" TEXT,
    "listen" JSONB,
    "upcoming" JSONB,

    CONSTRAINT "now_playing_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "shares" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "shares_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "imports" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "status" "import_status" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "problem" TEXT,
    "job_id" TEXT,

    CONSTRAINT "imports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_files" (
    "id" SERIAL NOT NULL,
    "import_id" INTEGER NOT NULL,
    "position" SMALLINT NOT NULL,
    "name" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "sha256" BYTEA,
    "format" TEXT,
    "read" INTEGER NOT NULL DEFAULT 0,
    "imported" INTEGER NOT NULL DEFAULT 0,
    "duplicates" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "skipped_reasons" JSONB NOT NULL DEFAULT '{}',
    "failures" JSONB NOT NULL DEFAULT '[]',
    "checkpoint" JSONB,
    "done" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "import_files_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_chunks" (
    "file_id" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "data" BYTEA NOT NULL,

    CONSTRAINT "import_chunks_pkey" PRIMARY KEY ("file_id","seq")
);

-- CreateTable
CREATE TABLE "import_merges" (
    "id" SERIAL NOT NULL,
    "import_id" INTEGER NOT NULL,
    "track_id" INTEGER NOT NULL,
    "before" JSONB NOT NULL,
    "after" JSONB NOT NULL,

    CONSTRAINT "import_merges_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "liked_tracks" (
    "user_id" INTEGER NOT NULL,
    "track_id" INTEGER NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "liked_tracks_pkey" PRIMARY KEY ("user_id","track_id")
);

-- CreateTable
CREATE TABLE "shuffled_playlists" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "source_id" TEXT NOT NULL,
    "source_name" TEXT NOT NULL,
    "mode" "shuffle_mode" NOT NULL,
    "seed" TEXT NOT NULL,
    "playlist_id" TEXT,
    "name" TEXT NOT NULL,
    "track_count" INTEGER NOT NULL DEFAULT 0,
    "left_out" JSONB NOT NULL DEFAULT '{}',
    "status" "operation_status" NOT NULL,
    "checkpoint" JSONB,
    "failure_code" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "shuffled_playlists_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shuffle_counters" (
    "name" TEXT NOT NULL,
    "value" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "shuffle_counters_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "tracker_points" (
    "user_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    "liked_tracks" INTEGER NOT NULL,
    "playlists" INTEGER NOT NULL,
    "plays" INTEGER NOT NULL,
    "ms_played" BIGINT NOT NULL,

    CONSTRAINT "tracker_points_pkey" PRIMARY KEY ("user_id","day")
);

-- CreateTable
CREATE TABLE "library_analyses" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "result" JSONB NOT NULL,

    CONSTRAINT "library_analyses_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rooms" (
    "id" SERIAL NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "host_id" INTEGER NOT NULL,
    "mode" "room_mode" NOT NULL,
    "like_threshold" INTEGER NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "device_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "rooms_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "room_participants" (
    "id" SERIAL NOT NULL,
    "room_id" INTEGER NOT NULL,
    "user_id" INTEGER,
    "display_name" TEXT NOT NULL,
    "token_hash" BYTEA,
    "joined_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "left_at" TIMESTAMPTZ(3),
    "banned_at" TIMESTAMPTZ(3),

    CONSTRAINT "room_participants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "room_tracks" (
    "id" SERIAL NOT NULL,
    "room_id" INTEGER NOT NULL,
    "track_id" INTEGER NOT NULL,
    "proposed_by_id" INTEGER,
    "state" "room_track_state" NOT NULL DEFAULT 'proposed',
    "proposed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "promoted_at" TIMESTAMPTZ(3),
    "played_at" TIMESTAMPTZ(3),

    CONSTRAINT "room_tracks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "votes" (
    "room_track_id" INTEGER NOT NULL,
    "participant_id" INTEGER NOT NULL,
    "is_like" BOOLEAN NOT NULL,
    "voted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "votes_pkey" PRIMARY KEY ("room_track_id","participant_id")
);

-- CreateTable
CREATE TABLE "sync_runs" (
    "id" SERIAL NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "total_users" INTEGER NOT NULL DEFAULT 0,
    "successful" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "plays_synced" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "sync_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sync_run_errors" (
    "run_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "error" TEXT NOT NULL,

    CONSTRAINT "sync_run_errors_pkey" PRIMARY KEY ("run_id","user_id")
);

-- CreateTable
CREATE TABLE "settings" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_account_id_key" ON "users"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "users_handle_key" ON "users"("handle");

-- CreateIndex
CREATE INDEX "spotify_credentials_app_id_idx" ON "spotify_credentials"("app_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_hash_key" ON "api_tokens"("hash");

-- CreateIndex
CREATE INDEX "api_tokens_user_id_idx" ON "api_tokens"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "artists_spotify_id_key" ON "artists"("spotify_id");

-- CreateIndex
CREATE INDEX "artists_name_key_idx" ON "artists"("name_key");

-- CreateIndex
CREATE UNIQUE INDEX "albums_spotify_id_key" ON "albums"("spotify_id");

-- CreateIndex
CREATE INDEX "albums_name_key_artist_key_idx" ON "albums"("name_key", "artist_key");

-- CreateIndex
CREATE INDEX "album_artists_artist_id_idx" ON "album_artists"("artist_id");

-- CreateIndex
CREATE UNIQUE INDEX "tracks_spotify_id_key" ON "tracks"("spotify_id");

-- CreateIndex
CREATE INDEX "tracks_name_key_artist_key_idx" ON "tracks"("name_key", "artist_key");

-- CreateIndex
CREATE INDEX "tracks_isrc_idx" ON "tracks"("isrc");

-- CreateIndex
CREATE INDEX "tracks_album_id_idx" ON "tracks"("album_id");

-- CreateIndex
CREATE INDEX "track_aliases_track_id_idx" ON "track_aliases"("track_id");

-- CreateIndex
CREATE INDEX "track_artists_artist_id_idx" ON "track_artists"("artist_id");

-- CreateIndex
CREATE UNIQUE INDEX "play_contexts_uri_key" ON "play_contexts"("uri");

-- CreateIndex
CREATE INDEX "plays_user_id_track_id_ended_at_idx" ON "plays"("user_id", "track_id", "ended_at");

-- CreateIndex
CREATE INDEX "play_days_user_id_track_id_idx" ON "play_days"("user_id", "track_id");

-- CreateIndex
CREATE INDEX "capture_states_next_history_at_idx" ON "capture_states"("next_history_at");

-- CreateIndex
CREATE INDEX "capture_states_next_playback_at_idx" ON "capture_states"("next_playback_at");

-- CreateIndex
CREATE UNIQUE INDEX "capture_gaps_user_id_from_at_to_at_key" ON "capture_gaps"("user_id", "from_at", "to_at");

-- CreateIndex
CREATE INDEX "shares_user_id_idx" ON "shares"("user_id");

-- CreateIndex
CREATE INDEX "imports_user_id_id_idx" ON "imports"("user_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "import_files_import_id_position_key" ON "import_files"("import_id", "position");

-- CreateIndex
CREATE INDEX "liked_tracks_user_id_added_at_track_id_idx" ON "liked_tracks"("user_id", "added_at" DESC, "track_id");

-- CreateIndex
CREATE INDEX "shuffled_playlists_user_id_created_at_idx" ON "shuffled_playlists"("user_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "shuffled_playlists_user_id_source_id_idx" ON "shuffled_playlists"("user_id", "source_id");

-- CreateIndex
CREATE INDEX "library_analyses_user_id_created_at_idx" ON "library_analyses"("user_id", "created_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "rooms_code_key" ON "rooms"("code");

-- CreateIndex
CREATE INDEX "rooms_host_id_idx" ON "rooms"("host_id");

-- CreateIndex
CREATE UNIQUE INDEX "room_participants_token_hash_key" ON "room_participants"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "room_participants_room_id_user_id_key" ON "room_participants"("room_id", "user_id");

-- CreateIndex
CREATE INDEX "room_tracks_room_id_state_idx" ON "room_tracks"("room_id", "state");

-- AddForeignKey
ALTER TABLE "spotify_credentials" ADD CONSTRAINT "spotify_credentials_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hidden_artists" ADD CONSTRAINT "hidden_artists_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hidden_artists" ADD CONSTRAINT "hidden_artists_artist_id_fkey" FOREIGN KEY ("artist_id") REFERENCES "artists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "album_artists" ADD CONSTRAINT "album_artists_album_id_fkey" FOREIGN KEY ("album_id") REFERENCES "albums"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "album_artists" ADD CONSTRAINT "album_artists_artist_id_fkey" FOREIGN KEY ("artist_id") REFERENCES "artists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tracks" ADD CONSTRAINT "tracks_album_id_fkey" FOREIGN KEY ("album_id") REFERENCES "albums"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "track_aliases" ADD CONSTRAINT "track_aliases_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "track_artists" ADD CONSTRAINT "track_artists_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "track_artists" ADD CONSTRAINT "track_artists_artist_id_fkey" FOREIGN KEY ("artist_id") REFERENCES "artists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plays" ADD CONSTRAINT "plays_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plays" ADD CONSTRAINT "plays_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plays" ADD CONSTRAINT "plays_context_id_fkey" FOREIGN KEY ("context_id") REFERENCES "play_contexts"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plays" ADD CONSTRAINT "plays_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "imports"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "play_days" ADD CONSTRAINT "play_days_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "play_days" ADD CONSTRAINT "play_days_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "capture_states" ADD CONSTRAINT "capture_states_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "capture_gaps" ADD CONSTRAINT "capture_gaps_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "now_playing" ADD CONSTRAINT "now_playing_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "now_playing" ADD CONSTRAINT "now_playing_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shares" ADD CONSTRAINT "shares_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "imports" ADD CONSTRAINT "imports_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_files" ADD CONSTRAINT "import_files_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "imports"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_chunks" ADD CONSTRAINT "import_chunks_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "import_files"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "liked_tracks" ADD CONSTRAINT "liked_tracks_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "liked_tracks" ADD CONSTRAINT "liked_tracks_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shuffled_playlists" ADD CONSTRAINT "shuffled_playlists_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tracker_points" ADD CONSTRAINT "tracker_points_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "library_analyses" ADD CONSTRAINT "library_analyses_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_participants" ADD CONSTRAINT "room_participants_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_participants" ADD CONSTRAINT "room_participants_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_tracks" ADD CONSTRAINT "room_tracks_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_tracks" ADD CONSTRAINT "room_tracks_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_tracks" ADD CONSTRAINT "room_tracks_proposed_by_id_fkey" FOREIGN KEY ("proposed_by_id") REFERENCES "room_participants"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_room_track_id_fkey" FOREIGN KEY ("room_track_id") REFERENCES "room_tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_participant_id_fkey" FOREIGN KEY ("participant_id") REFERENCES "room_participants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sync_run_errors" ADD CONSTRAINT "sync_run_errors_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "sync_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sync_run_errors" ADD CONSTRAINT "sync_run_errors_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateTable
CREATE TABLE "removed_plays" (
    "user_id" INTEGER NOT NULL,
    "track_id" INTEGER NOT NULL,
    "played_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "removed_plays_pkey" PRIMARY KEY ("user_id","track_id","played_at")
);

-- AddForeignKey
ALTER TABLE "removed_plays" ADD CONSTRAINT "removed_plays_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "removed_plays" ADD CONSTRAINT "removed_plays_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateIndex
CREATE INDEX "import_merges_import_id_idx" ON "import_merges"("import_id");

-- AddForeignKey
ALTER TABLE "import_merges" ADD CONSTRAINT "import_merges_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "imports"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_merges" ADD CONSTRAINT "import_merges_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.

-- Rows known by name alone are unique by their names.
CREATE UNIQUE INDEX "artists_name_only_key" ON "artists" ("name_key") WHERE "spotify_id" IS NULL;
CREATE UNIQUE INDEX "albums_name_only_key" ON "albums" ("name_key", "artist_key") WHERE "spotify_id" IS NULL;

-- What is still to be told by Spotify.
CREATE INDEX "tracks_unfetched_idx" ON "tracks" ("id") WHERE "fetched_at" IS NULL AND "spotify_id" IS NOT NULL;
CREATE INDEX "artists_unfetched_idx" ON "artists" ("id") WHERE "fetched_at" IS NULL AND "spotify_id" IS NOT NULL;

-- Uploads are read by position, and compressing them in place would only cost time.
ALTER TABLE "import_chunks" ALTER COLUMN "data" SET STORAGE EXTERNAL;

-- Undo of an import.
CREATE INDEX "plays_import_id_idx" ON "plays" ("import_id") WHERE "import_id" IS NOT NULL;

-- One share at a time, and one live proposal of a track in a room.
CREATE UNIQUE INDEX "shares_active_key" ON "shares" ("user_id") WHERE "ended_at" IS NULL;
CREATE UNIQUE INDEX "room_tracks_live_key" ON "room_tracks" ("room_id", "track_id")
  WHERE "state" IN ('proposed', 'promoted', 'playing');

ALTER TABLE "users" ADD CONSTRAINT "users_handle_check" CHECK ("handle" ~ '^[a-z0-9][a-z0-9_-]{1,31}$');
ALTER TABLE "tracks" ADD CONSTRAINT "tracks_duration_check" CHECK ("duration_ms" >= 0);
ALTER TABLE "plays" ADD CONSTRAINT "plays_stretch_check" CHECK ("ended_at" >= "played_at" AND "ms_played" >= 0 AND "seen_by" > 0);
ALTER TABLE "play_days" ADD CONSTRAINT "play_days_counts_check" CHECK ("plays" >= 0 AND "ms_played" >= 0 AND "ms_assumed" >= 0);
ALTER TABLE "capture_gaps" ADD CONSTRAINT "capture_gaps_stretch_check" CHECK ("to_at" >= "from_at");
ALTER TABLE "shares" ADD CONSTRAINT "shares_end_check" CHECK ("ended_at" >= "started_at");
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_threshold_check" CHECK ("like_threshold" BETWEEN 1 AND 1000);
