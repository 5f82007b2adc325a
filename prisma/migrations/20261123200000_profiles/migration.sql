-- AlterTable
ALTER TABLE "workspaces" ADD COLUMN     "identifiers" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "primary_sources" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "resolution_settings_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "run_on_batch_import" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "warehouse_operations" (
    "id" BIGSERIAL NOT NULL,
    "workspace_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "may_be_done" BOOLEAN NOT NULL DEFAULT false,
    "stop_requested" BOOLEAN NOT NULL DEFAULT false,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "start_time" TIMESTAMPTZ(6),
    "end_time" TIMESTAMPTZ(3),
    "request" JSONB,
    "outcome" JSONB,
    "error" TEXT,

    CONSTRAINT "warehouse_operations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "warehouse_operations_workspace_id_kind_id_idx" ON "warehouse_operations"("workspace_id", "kind", "id" DESC);



-- Written by hand: what Prisma cannot say -------------------------------------------------------------------------------

ALTER TABLE "workspaces" ALTER COLUMN "identifiers" SET NOT NULL;

-- Requests that wait are one, and an operation goes on once at a time.
CREATE UNIQUE INDEX "warehouse_operations_one_queued" ON "warehouse_operations" ("workspace_id", "kind") WHERE "status" = 'queued';
CREATE UNIQUE INDEX "warehouse_operations_one_running" ON "warehouse_operations" ("workspace_id", "kind") WHERE "status" = 'running';

-- The reconciler looks for what is live; there are few of them among many.
CREATE INDEX "warehouse_operations_live" ON "warehouse_operations" ("due_at") WHERE "status" IN ('queued', 'running');

ALTER TABLE "warehouse_operations"
  ADD CONSTRAINT "warehouse_operations_kind" CHECK ("kind" IN ('resolution', 'alteration')),
  ADD CONSTRAINT "warehouse_operations_status" CHECK ("status" IN ('queued', 'running', 'succeeded', 'failed')),
  ADD CONSTRAINT "warehouse_operations_end_time_null_while_live" CHECK (("end_time" IS NULL) = ("status" IN ('queued', 'running'))),
  ADD CONSTRAINT "warehouse_operations_failed_has_error" CHECK ("status" <> 'failed' OR "error" IS NOT NULL),
  ADD CONSTRAINT "warehouse_operations_alteration_has_request" CHECK ("kind" <> 'alteration' OR "request" IS NOT NULL);
