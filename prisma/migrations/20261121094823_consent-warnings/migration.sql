-- CreateTable
CREATE TABLE "notice_targets" (
    "user_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "url" BYTEA NOT NULL,
    "last_error" TEXT,
    "last_error_at" TIMESTAMPTZ(3),

    CONSTRAINT "notice_targets_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "consent_warnings" (
    "user_id" INTEGER NOT NULL,
    "authorized_at" TIMESTAMPTZ(3) NOT NULL,
    "days_left" SMALLINT NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "consent_warnings_pkey" PRIMARY KEY ("user_id","authorized_at","days_left")
);

-- AddForeignKey
ALTER TABLE "notice_targets" ADD CONSTRAINT "notice_targets_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consent_warnings" ADD CONSTRAINT "consent_warnings_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
