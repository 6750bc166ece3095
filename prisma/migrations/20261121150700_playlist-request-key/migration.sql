-- AlterTable
ALTER TABLE "shuffled_playlists" ADD COLUMN     "request_key" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "shuffled_playlists_request_key_key" ON "shuffled_playlists"("request_key");
