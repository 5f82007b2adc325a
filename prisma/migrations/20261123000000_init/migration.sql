-- CreateTable
CREATE TABLE "workspaces" (
    "id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "warehouse_platform" TEXT NOT NULL,
    "warehouse_settings" TEXT NOT NULL,
    "warehouse_mode" TEXT NOT NULL DEFAULT 'Normal',
    "pending_mode" TEXT,
    "profile_schema" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(6),

    CONSTRAINT "workspaces_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" SERIAL NOT NULL,
    "workspace_id" INTEGER,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connections" (
    "id" INTEGER NOT NULL,
    "workspace_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "connector" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "settings" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connections_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pipelines" (
    "id" INTEGER NOT NULL,
    "workspace_id" INTEGER NOT NULL,
    "connection_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "has_update_time" BOOLEAN NOT NULL DEFAULT false,
    "incremental" BOOLEAN NOT NULL DEFAULT false,
    "cursor" TEXT,
    "cursor_overlap_ms" INTEGER NOT NULL DEFAULT 300000,
    "max_removed_share" DOUBLE PRECISION,
    "schedule_period" TEXT,
    "schedule_seed" INTEGER NOT NULL,
    "schedule_version" INTEGER NOT NULL DEFAULT 0,
    "schedule_since" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pipelines_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pipeline_versions" (
    "pipeline_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "definition" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pipeline_versions_pkey" PRIMARY KEY ("pipeline_id","version")
);

-- CreateTable
CREATE TABLE "runs" (
    "id" BIGSERIAL NOT NULL,
    "workspace_id" INTEGER NOT NULL,
    "pipeline_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "trigger" TEXT NOT NULL,
    "requested_by" INTEGER,
    "incremental" BOOLEAN NOT NULL,
    "cursor" TEXT,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "lost_attempts" INTEGER NOT NULL DEFAULT 0,
    "retries" INTEGER NOT NULL DEFAULT 0,
    "allow_removal" BOOLEAN NOT NULL DEFAULT false,
    "settle_only" BOOLEAN NOT NULL DEFAULT false,
    "may_be_published" BOOLEAN NOT NULL DEFAULT false,
    "worker" TEXT,
    "start_time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claimed_at" TIMESTAMPTZ(3),
    "heartbeat_at" TIMESTAMPTZ(6),
    "end_time" TIMESTAMPTZ(3),
    "passed" BIGINT[] DEFAULT ARRAY[0, 0, 0, 0, 0, 0]::BIGINT[],
    "failed" BIGINT[] DEFAULT ARRAY[0, 0, 0, 0, 0, 0]::BIGINT[],
    "added" BIGINT,
    "changed" BIGINT,
    "unchanged" BIGINT,
    "removed" BIGINT,
    "merged" BIGINT,
    "error_code" TEXT,
    "error_step" TEXT,
    "error_message" TEXT,
    "notice" TEXT,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "cancelled_by" TEXT,

    CONSTRAINT "runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_error_groups" (
    "run_id" BIGINT NOT NULL,
    "step" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "keys" TEXT[],

    CONSTRAINT "run_error_groups_pkey" PRIMARY KEY ("run_id","step","code","message")
);

-- CreateTable
CREATE TABLE "occurrences" (
    "pipeline_id" INTEGER NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "reason" TEXT,
    "run_id" BIGINT,
    "missed_from" TIMESTAMPTZ(3),
    "missed_count" INTEGER,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "occurrences_pkey" PRIMARY KEY ("pipeline_id","due_at")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "api_key_id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "status" INTEGER,
    "body" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("api_key_id","key")
);

-- CreateTable
CREATE TABLE "pending_purges" (
    "pipeline_id" INTEGER NOT NULL,
    "workspace_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pending_purges_pkey" PRIMARY KEY ("pipeline_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- CreateIndex
CREATE INDEX "api_keys_workspace_id_idx" ON "api_keys"("workspace_id");

-- CreateIndex
CREATE INDEX "connections_workspace_id_idx" ON "connections"("workspace_id");

-- CreateIndex
CREATE INDEX "pipelines_workspace_id_idx" ON "pipelines"("workspace_id");

-- CreateIndex
CREATE INDEX "pipelines_connection_id_idx" ON "pipelines"("connection_id");

-- CreateIndex
CREATE INDEX "runs_workspace_id_id_idx" ON "runs"("workspace_id", "id" DESC);

-- CreateIndex
CREATE INDEX "runs_pipeline_id_id_idx" ON "runs"("pipeline_id", "id" DESC);

-- CreateIndex
CREATE INDEX "occurrences_run_id_idx" ON "occurrences"("run_id");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE INDEX "pending_purges_workspace_id_idx" ON "pending_purges"("workspace_id");

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connections" ADD CONSTRAINT "connections_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pipelines" ADD CONSTRAINT "pipelines_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pipelines" ADD CONSTRAINT "pipelines_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pipeline_versions" ADD CONSTRAINT "pipeline_versions_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipelines"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "runs" ADD CONSTRAINT "runs_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipelines"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_error_groups" ADD CONSTRAINT "run_error_groups_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "occurrences" ADD CONSTRAINT "occurrences_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipelines"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "occurrences" ADD CONSTRAINT "occurrences_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE SET NULL ON UPDATE CASCADE;



-- Written by hand: what Prisma cannot say -------------------------------------------------------------------------------

-- One live run per pipeline. The violation of this index is the documented PipelineInProgress.
CREATE UNIQUE INDEX "runs_one_live_per_pipeline" ON "runs" ("pipeline_id") WHERE "status" IN ('queued', 'running');

-- Recovery, mode changes and readiness look at live runs only; there are few of them among many.
CREATE INDEX "runs_live_by_workspace" ON "runs" ("workspace_id") WHERE "status" IN ('queued', 'running');

-- The reconciler looks for pipelines that a scheduler must exist for.
CREATE INDEX "pipelines_scheduled" ON "pipelines" ("id") WHERE "enabled" AND "schedule_period" IS NOT NULL;

ALTER TABLE "runs"
  ADD CONSTRAINT "runs_status" CHECK ("status" IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  ADD CONSTRAINT "runs_end_time_null_while_live" CHECK (("end_time" IS NULL) = ("status" IN ('queued', 'running'))),
  ADD CONSTRAINT "runs_six_counters" CHECK (cardinality("passed") = 6 AND cardinality("failed") = 6),
  ADD CONSTRAINT "runs_failed_has_error" CHECK ("status" <> 'failed' OR "error_message" IS NOT NULL),
  ADD CONSTRAINT "runs_trigger" CHECK ("trigger" IN ('api', 'schedule', 'retry'));

-- A final state never changes: not by a late worker, not by a mistake of ours.
CREATE FUNCTION "refuse_change_of_ended_run"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'run % has ended as %; a final state never changes', OLD.id, OLD.status USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER "runs_final_state_never_changes" BEFORE UPDATE ON "runs"
  FOR EACH ROW WHEN (OLD.end_time IS NOT NULL AND (NEW.status <> OLD.status OR NEW.end_time IS DISTINCT FROM OLD.end_time))
  EXECUTE FUNCTION "refuse_change_of_ended_run"();

-- Heartbeats update a run every few seconds; free space on the page keeps them off the indexes (HOT).
ALTER TABLE "runs" SET (fillfactor = 70);

ALTER TABLE "workspaces"
  ADD CONSTRAINT "workspaces_mode" CHECK ("warehouse_mode" IN ('Normal', 'Inspection', 'Maintenance')),
  ADD CONSTRAINT "workspaces_pending_mode" CHECK ("pending_mode" IN ('Normal', 'Inspection', 'Maintenance'));

ALTER TABLE "connections" ADD CONSTRAINT "connections_role" CHECK ("role" IN ('Source', 'Destination'));

ALTER TABLE "pipelines"
  ADD CONSTRAINT "pipelines_schedule_period" CHECK ("schedule_period" IN ('5m', '15m', '30m', '1h', '2h', '3h', '6h', '8h', '12h', '24h')),
  ADD CONSTRAINT "pipelines_max_removed_share" CHECK ("max_removed_share" BETWEEN 0 AND 1),
  ADD CONSTRAINT "pipelines_cursor_overlap" CHECK ("cursor_overlap_ms" BETWEEN 0 AND 86400000);

ALTER TABLE "occurrences"
  ADD CONSTRAINT "occurrences_outcome" CHECK (
    ("outcome" = 'started' AND "reason" IS NULL) OR
    ("outcome" = 'skipped' AND "reason" IN ('inProgress', 'inspection', 'maintenance')) OR
    ("outcome" = 'missed' AND "missed_from" IS NOT NULL AND "missed_count" > 0));
