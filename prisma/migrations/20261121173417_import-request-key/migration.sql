-- AlterTable
ALTER TABLE "imports" ADD COLUMN     "request_key" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "imports_request_key_key" ON "imports"("request_key");
