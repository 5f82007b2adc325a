-- Whether a run of an export sends all records, those that have not changed as well.
ALTER TABLE "runs" ADD COLUMN "full" BOOLEAN NOT NULL DEFAULT false;
