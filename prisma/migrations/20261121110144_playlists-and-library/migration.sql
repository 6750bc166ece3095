-- No version wrote liked_tracks before this one, so that its new key needs no default.
-- DropForeignKey
ALTER TABLE "liked_tracks" DROP CONSTRAINT "liked_tracks_track_id_fkey";

-- DropIndex
DROP INDEX "liked_tracks_user_id_added_at_track_id_idx";

-- AlterTable
ALTER TABLE "liked_tracks" DROP CONSTRAINT "liked_tracks_pkey",
ADD COLUMN     "item_key" TEXT NOT NULL,
ADD COLUMN     "place" INTEGER NOT NULL,
ADD COLUMN     "unplayable" BOOLEAN NOT NULL DEFAULT false,
ALTER COLUMN "track_id" DROP NOT NULL,
ADD CONSTRAINT "liked_tracks_pkey" PRIMARY KEY ("user_id", "item_key");

-- AlterTable
ALTER TABLE "shuffled_playlists" ADD COLUMN     "failure_message" TEXT,
ADD COLUMN     "job_id" TEXT,
ADD COLUMN     "lead_id" INTEGER,
ADD COLUMN     "left_out_names" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "part" SMALLINT NOT NULL DEFAULT 1,
ADD COLUMN     "parts" SMALLINT NOT NULL DEFAULT 1,
ADD COLUMN     "refreshed" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "request" JSONB,
ADD COLUMN     "schedule_id" INTEGER,
ADD COLUMN     "source_count" INTEGER,
ADD COLUMN     "target" TEXT NOT NULL DEFAULT 'new',
ADD COLUMN     "uris" TEXT[];

-- CreateTable
CREATE TABLE "library_states" (
    "user_id" INTEGER NOT NULL,
    "liked_read_at" TIMESTAMPTZ(3),
    "liked_full_at" TIMESTAMPTZ(3),
    "liked_total" INTEGER NOT NULL DEFAULT 0,
    "playlists_read_at" TIMESTAMPTZ(3),
    "playlists_total" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "library_states_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "library_playlists" (
    "user_id" INTEGER NOT NULL,
    "playlist_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "owner_id" TEXT,
    "owner_name" TEXT,
    "own" BOOLEAN NOT NULL,
    "collaborative" BOOLEAN NOT NULL,
    "public" BOOLEAN,
    "images" JSONB NOT NULL,
    "item_count" INTEGER,
    "snapshot_id" TEXT,

    CONSTRAINT "library_playlists_pkey" PRIMARY KEY ("user_id","playlist_id")
);

-- CreateTable
CREATE TABLE "playlist_contents" (
    "user_id" INTEGER NOT NULL,
    "playlist_id" TEXT NOT NULL,
    "snapshot_id" TEXT,
    "total" INTEGER NOT NULL,
    "entries" JSONB NOT NULL,
    "read_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "playlist_contents_pkey" PRIMARY KEY ("user_id","playlist_id")
);

-- CreateTable
CREATE TABLE "playlist_writers" (
    "user_id" INTEGER NOT NULL,
    "token" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "leased_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "playlist_writers_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "playlist_schedules" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "source_name" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "pattern" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "next_at" TIMESTAMPTZ(3),
    "last_run_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "playlist_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "playlist_schedules_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shuffled_tracks" (
    "user_id" INTEGER NOT NULL,
    "track_id" INTEGER NOT NULL,
    "times" INTEGER NOT NULL,

    CONSTRAINT "shuffled_tracks_pkey" PRIMARY KEY ("user_id","track_id")
);

-- CreateIndex
CREATE INDEX "library_playlists_user_id_position_idx" ON "library_playlists"("user_id", "position");

-- CreateIndex
CREATE INDEX "playlist_schedules_user_id_idx" ON "playlist_schedules"("user_id");

-- CreateIndex
CREATE INDEX "playlist_schedules_next_at_idx" ON "playlist_schedules"("next_at");

-- CreateIndex
CREATE INDEX "liked_tracks_user_id_place_idx" ON "liked_tracks"("user_id", "place" DESC);

-- CreateIndex
CREATE INDEX "liked_tracks_user_id_track_id_idx" ON "liked_tracks"("user_id", "track_id");

-- CreateIndex
CREATE INDEX "shuffled_playlists_user_id_playlist_id_idx" ON "shuffled_playlists"("user_id", "playlist_id");

-- CreateIndex
CREATE INDEX "shuffled_playlists_lead_id_idx" ON "shuffled_playlists"("lead_id");

-- CreateIndex
CREATE INDEX "shuffled_playlists_created_at_idx" ON "shuffled_playlists"("created_at" DESC);

-- AddForeignKey
ALTER TABLE "library_states" ADD CONSTRAINT "library_states_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "liked_tracks" ADD CONSTRAINT "liked_tracks_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "library_playlists" ADD CONSTRAINT "library_playlists_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playlist_contents" ADD CONSTRAINT "playlist_contents_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shuffled_playlists" ADD CONSTRAINT "shuffled_playlists_lead_id_fkey" FOREIGN KEY ("lead_id") REFERENCES "shuffled_playlists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shuffled_playlists" ADD CONSTRAINT "shuffled_playlists_schedule_id_fkey" FOREIGN KEY ("schedule_id") REFERENCES "playlist_schedules"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playlist_writers" ADD CONSTRAINT "playlist_writers_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playlist_schedules" ADD CONSTRAINT "playlist_schedules_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shuffled_tracks" ADD CONSTRAINT "shuffled_tracks_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shuffled_tracks" ADD CONSTRAINT "shuffled_tracks_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What an operation was to write, and where, has columns of its own: the checkpoint is written often.
UPDATE "shuffled_playlists"
   SET "uris" = ARRAY(SELECT jsonb_array_elements_text("checkpoint"->'uris')),
       "target" = CASE WHEN ("checkpoint"->>'refresh')::boolean THEN 'refresh' ELSE 'new' END,
       "checkpoint" = "checkpoint" - 'uris' - 'refresh'
 WHERE "checkpoint" IS NOT NULL;
