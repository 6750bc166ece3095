-- CreateTable
CREATE TABLE "widget_links" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "widget_links_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "widget_links_key_key" ON "widget_links"("key");

-- CreateIndex
CREATE INDEX "widget_links_user_id_idx" ON "widget_links"("user_id");

-- AddForeignKey
ALTER TABLE "widget_links" ADD CONSTRAINT "widget_links_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
