-- CreateEnum
CREATE TYPE "exclusion_kind" AS ENUM ('artist', 'context', 'device', 'hours', 'session');

-- AlterEnum
ALTER TYPE "shuffle_mode" ADD VALUE 'tops';

-- DropForeignKey
ALTER TABLE "hidden_artists" DROP CONSTRAINT "hidden_artists_user_id_fkey";

-- DropForeignKey
ALTER TABLE "hidden_artists" DROP CONSTRAINT "hidden_artists_artist_id_fkey";

-- DropForeignKey
ALTER TABLE "play_days" DROP CONSTRAINT "play_days_user_id_fkey";

-- DropForeignKey
ALTER TABLE "play_days" DROP CONSTRAINT "play_days_track_id_fkey";

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "comparable" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "min_play_ms" INTEGER NOT NULL DEFAULT 30000;

-- AlterTable
ALTER TABLE "plays" ADD COLUMN     "device_id" INTEGER;

-- CreateTable
CREATE TABLE "play_devices" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "play_devices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "history_states" (
    "user_id" INTEGER NOT NULL,
    "version" BIGINT NOT NULL DEFAULT 1,
    "stale" SMALLINT NOT NULL DEFAULT 0,
    "stale_since" TIMESTAMPTZ(3),
    "counted_at" TIMESTAMPTZ(3),
    "named" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "history_states_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "catalogue_changes" (
    "id" BIGSERIAL NOT NULL,
    "track_id" INTEGER NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "catalogue_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "play_periods" (
    "user_id" INTEGER NOT NULL,
    "grain" SMALLINT NOT NULL,
    "kind" SMALLINT NOT NULL,
    "period" DATE NOT NULL,
    "item_id" INTEGER NOT NULL,
    "plays" INTEGER NOT NULL,
    "ms_played" BIGINT NOT NULL,
    "ms_assumed" BIGINT NOT NULL,
    "first_day" DATE,
    "last_day" DATE,

    CONSTRAINT "play_periods_pkey" PRIMARY KEY ("user_id","grain","kind","period","item_id")
);

-- CreateTable
CREATE TABLE "listening_sessions" (
    "user_id" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "plays" INTEGER NOT NULL,
    "ms_played" BIGINT NOT NULL,
    "ms_assumed" BIGINT NOT NULL,

    CONSTRAINT "listening_sessions_pkey" PRIMARY KEY ("user_id","started_at")
);

-- CreateTable
CREATE TABLE "exclusion_rules" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "kind" "exclusion_kind" NOT NULL,
    "artist_id" INTEGER,
    "context_id" INTEGER,
    "device_id" INTEGER,
    "from_hour" SMALLINT,
    "to_hour" SMALLINT,
    "from_at" TIMESTAMPTZ(3),
    "to_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "exclusion_rules_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "track_merges" (
    "user_id" INTEGER NOT NULL,
    "track_id" INTEGER NOT NULL,
    "into_id" INTEGER NOT NULL,
    "root_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "track_merges_pkey" PRIMARY KEY ("user_id","track_id")
);

-- CreateTable
CREATE TABLE "artist_aliases" (
    "user_id" INTEGER NOT NULL,
    "artist_id" INTEGER NOT NULL,
    "into_id" INTEGER NOT NULL,
    "root_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "artist_aliases_pkey" PRIMARY KEY ("user_id","artist_id")
);

-- CreateTable
CREATE TABLE "relays" (
    "user_id" INTEGER NOT NULL,
    "url" TEXT NOT NULL,
    "token" BYTEA NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "relayed_to" TIMESTAMPTZ(3) NOT NULL,
    "relayed" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "last_error_at" TIMESTAMPTZ(3),
    "next_at" TIMESTAMPTZ(3),

    CONSTRAINT "relays_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "play_devices_name_key" ON "play_devices"("name");

-- CreateIndex
CREATE INDEX "exclusion_rules_user_id_idx" ON "exclusion_rules"("user_id");

-- Rows of these three are never deleted while plays name them, and checking each play took a third of an import.
ALTER TABLE "plays" DROP CONSTRAINT "plays_context_id_fkey";
ALTER TABLE "plays" DROP CONSTRAINT "plays_import_id_fkey";

-- AddForeignKey
ALTER TABLE "history_states" ADD CONSTRAINT "history_states_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "exclusion_rules" ADD CONSTRAINT "exclusion_rules_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "exclusion_rules" ADD CONSTRAINT "exclusion_rules_artist_id_fkey" FOREIGN KEY ("artist_id") REFERENCES "artists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "exclusion_rules" ADD CONSTRAINT "exclusion_rules_context_id_fkey" FOREIGN KEY ("context_id") REFERENCES "play_contexts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "exclusion_rules" ADD CONSTRAINT "exclusion_rules_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "play_devices"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "track_merges" ADD CONSTRAINT "track_merges_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "track_merges" ADD CONSTRAINT "track_merges_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "track_merges" ADD CONSTRAINT "track_merges_into_id_fkey" FOREIGN KEY ("into_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artist_aliases" ADD CONSTRAINT "artist_aliases_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artist_aliases" ADD CONSTRAINT "artist_aliases_artist_id_fkey" FOREIGN KEY ("artist_id") REFERENCES "artists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artist_aliases" ADD CONSTRAINT "artist_aliases_into_id_fkey" FOREIGN KEY ("into_id") REFERENCES "artists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "relays" ADD CONSTRAINT "relays_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.

-- Artists that were hidden are rules like the others.
INSERT INTO "exclusion_rules" ("user_id", "kind", "artist_id")
SELECT "user_id", 'artist', "artist_id" FROM "hidden_artists";

DROP TABLE "hidden_artists";
DROP TABLE "play_days";

-- All figures wait for their first count.
INSERT INTO "history_states" ("user_id", "stale", "stale_since") SELECT DISTINCT "user_id", 2, now() FROM "plays";

-- Tracks of sources that tell names only.
CREATE UNIQUE INDEX "tracks_name_only_key" ON "tracks" ("name_key", "artist_key") WHERE "spotify_id" IS NULL;

-- Top lists of years and of all time are read in order from these.
CREATE INDEX "play_periods_by_plays_idx" ON "play_periods" ("user_id", "grain", "kind", "period", "plays" DESC, "item_id")
  WHERE "grain" >= 2 AND "kind" BETWEEN 1 AND 3;
CREATE INDEX "play_periods_by_time_idx" ON "play_periods" ("user_id", "grain", "kind", "period", (("ms_played" + "ms_assumed")) DESC, "item_id")
  WHERE "grain" >= 2 AND "kind" BETWEEN 1 AND 3;
-- What was heard for the first time when.
CREATE INDEX "play_periods_first_day_idx" ON "play_periods" ("user_id", "kind", "first_day") WHERE "grain" = 3;
CREATE INDEX "listening_sessions_length_idx" ON "listening_sessions" ("user_id", (("ended_at" - "started_at")) DESC);
CREATE INDEX "history_states_stale_idx" ON "history_states" ("stale_since") WHERE "stale" > 0;

-- Without it PostgreSQL takes one play in two hundred for counted, and reads thousands as if they were ten.
CREATE STATISTICS "plays_uncounted" ON ("flags" & 48) FROM "plays";

-- One rule of each sort (NULLs are equal here).
CREATE UNIQUE INDEX "exclusion_rules_key" ON "exclusion_rules"
  ("user_id", "kind", "artist_id", "context_id", "device_id", "from_hour", "to_hour", "from_at", "to_at") NULLS NOT DISTINCT;
ALTER TABLE "exclusion_rules" ADD CONSTRAINT "exclusion_rules_kind_check" CHECK (
  ("kind" = 'artist') = ("artist_id" IS NOT NULL) AND ("kind" = 'context') = ("context_id" IS NOT NULL)
  AND ("kind" = 'device') = ("device_id" IS NOT NULL)
  AND ("kind" = 'hours') = ("from_hour" IS NOT NULL) AND ("kind" = 'hours') = ("to_hour" IS NOT NULL)
  AND ("kind" = 'session') = ("from_at" IS NOT NULL) AND ("kind" = 'session') = ("to_at" IS NOT NULL)
  AND "from_hour" BETWEEN 0 AND 23 AND "to_hour" BETWEEN 0 AND 24 AND "to_at" >= "from_at");
ALTER TABLE "track_merges" ADD CONSTRAINT "track_merges_other_check" CHECK ("track_id" <> "into_id" AND "track_id" <> "root_id");
ALTER TABLE "artist_aliases" ADD CONSTRAINT "artist_aliases_other_check" CHECK ("artist_id" <> "into_id" AND "artist_id" <> "root_id");
ALTER TABLE "play_periods" ADD CONSTRAINT "play_periods_counts_check" CHECK ("plays" >= 0 AND "ms_played" >= 0 AND "ms_assumed" >= 0);
ALTER TABLE "users" ADD CONSTRAINT "users_min_play_ms_check" CHECK ("min_play_ms" BETWEEN 5000 AND 240000);
