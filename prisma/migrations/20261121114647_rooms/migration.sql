-- AlterEnum
ALTER TYPE "shuffle_mode" ADD VALUE 'room';

-- AlterTable
ALTER TABLE "rooms" ADD COLUMN     "current_id" INTEGER,
ADD COLUMN     "device_name" TEXT,
ADD COLUMN     "duration_ms" INTEGER,
ADD COLUMN     "failures" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "follow_lease_until" TIMESTAMPTZ(3),
ADD COLUMN     "foreign_track_id" INTEGER,
ADD COLUMN     "handed_at" TIMESTAMPTZ(3),
ADD COLUMN     "handed_id" INTEGER,
ADD COLUMN     "is_on" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "next_follow_at" TIMESTAMPTZ(3),
ADD COLUMN     "playback_message" TEXT,
ADD COLUMN     "playback_rev" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "playback_state" TEXT NOT NULL DEFAULT 'idle',
ADD COLUMN     "progress_ms" INTEGER,
ADD COLUMN     "rev" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "started_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "room_tracks" ADD COLUMN     "dislikes" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "ended_at" TIMESTAMPTZ(3),
ADD COLUMN     "is_fallback" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "likes" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "rev" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "skip_votes" (
    "room_track_id" INTEGER NOT NULL,
    "participant_id" INTEGER NOT NULL,
    "voted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "skip_votes_pkey" PRIMARY KEY ("room_track_id","participant_id")
);

-- CreateIndex
CREATE INDEX "rooms_next_follow_at_idx" ON "rooms"("next_follow_at");

-- CreateIndex
CREATE INDEX "votes_participant_id_idx" ON "votes"("participant_id");

-- AddForeignKey
ALTER TABLE "skip_votes" ADD CONSTRAINT "skip_votes_room_track_id_fkey" FOREIGN KEY ("room_track_id") REFERENCES "room_tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "skip_votes" ADD CONSTRAINT "skip_votes_participant_id_fkey" FOREIGN KEY ("participant_id") REFERENCES "room_participants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A track waits or plays in a room once. When it was played, it may come again.
CREATE UNIQUE INDEX "room_tracks_active_key" ON "room_tracks" ("room_id", "track_id")
 WHERE "state" IN ('proposed', 'promoted', 'playing');

-- One track plays at a time.
CREATE UNIQUE INDEX "room_tracks_playing_key" ON "room_tracks" ("room_id") WHERE "state" = 'playing';

-- Nobody takes the name of somebody who is there.
CREATE UNIQUE INDEX "room_participants_name_key" ON "room_participants" ("room_id", lower("display_name"))
 WHERE "left_at" IS NULL;

ALTER TABLE "room_tracks" ADD CONSTRAINT "room_tracks_counts_check" CHECK ("likes" >= 0 AND "dislikes" >= 0);
