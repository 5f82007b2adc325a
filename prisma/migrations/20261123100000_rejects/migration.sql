-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "counts_epoch" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "run_rejects" (
    "run_id" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "step" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_rejects_pkey" PRIMARY KEY ("run_id","epoch","position")
);

-- CreateIndex
CREATE INDEX "run_rejects_created_at_idx" ON "run_rejects"("created_at");

-- AddForeignKey
ALTER TABLE "run_rejects" ADD CONSTRAINT "run_rejects_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- Written by hand: what Prisma cannot say -------------------------------------------------------------------------------

-- Ciphertext does not get smaller: without this every large one would be compressed for nothing.
ALTER TABLE "run_rejects" ALTER COLUMN "content" SET STORAGE EXTERNAL;
