-- CreateTable
CREATE TABLE "dry_runs" (
    "id" BIGSERIAL NOT NULL,
    "workspace_id" INTEGER NOT NULL,
    "pipeline_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "requested_by" INTEGER,
    "incremental" BOOLEAN NOT NULL,
    "full" BOOLEAN NOT NULL DEFAULT false,
    "cursor" TEXT,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "start_time" TIMESTAMPTZ(3),
    "end_time" TIMESTAMPTZ(3),
    "heartbeat_at" TIMESTAMPTZ(3),
    "passed" BIGINT[] DEFAULT ARRAY[0, 0, 0, 0, 0, 0]::BIGINT[],
    "failed" BIGINT[] DEFAULT ARRAY[0, 0, 0, 0, 0, 0]::BIGINT[],
    "outcome" JSONB,
    "errors" JSONB NOT NULL DEFAULT '[]',
    "error_code" TEXT,
    "error_step" TEXT,
    "error_message" TEXT,

    CONSTRAINT "dry_runs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "dry_runs_pipeline_id_id_idx" ON "dry_runs"("pipeline_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "dry_runs" ADD CONSTRAINT "dry_runs_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipelines"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- Written by hand: what Prisma cannot say -------------------------------------------------------------------------------

ALTER TABLE "dry_runs"
  ADD CONSTRAINT "dry_runs_status" CHECK ("status" IN ('queued', 'running', 'succeeded', 'failed')),
  ADD CONSTRAINT "dry_runs_end_time_null_while_live" CHECK (("end_time" IS NULL) = ("status" IN ('queued', 'running'))),
  ADD CONSTRAINT "dry_runs_six_counters" CHECK (cardinality("passed") = 6 AND cardinality("failed") = 6),
  ADD CONSTRAINT "dry_runs_failed_has_error" CHECK ("status" <> 'failed' OR "error_message" IS NOT NULL);

-- One at a time for each pipeline: its violation is the answer to whoever asks for another.
CREATE UNIQUE INDEX "dry_runs_one_live_per_pipeline" ON "dry_runs"("pipeline_id") WHERE "status" IN ('queued', 'running');
