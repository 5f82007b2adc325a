import type { Route } from '../http/route.js';
import { createConnection } from './connections/create-connection.js';
import { deleteConnection } from './connections/delete-connection.js';
import { getAbsolutePath } from './connections/get-absolute-path.js';
import { getConnection } from './connections/get-connection.js';
import { getUserSchemas } from './connections/get-user-schemas.js';
import { listConnections } from './connections/list-connections.js';
import { listConnectors } from './connections/list-connectors.js';
import { listIdentities } from './connections/list-identities.js';
import { listSheets } from './connections/list-sheets.js';
import { listTables } from './connections/list-tables.js';
import { previewFiles } from './connections/preview-files.js';
import { previewUsers } from './connections/preview-users.js';
import { queryConnection } from './connections/query-connection.js';
import { replaceConnection } from './connections/replace-connection.js';
import { testConnection } from './connections/test-connection.js';
import { getDryRun } from './dry-runs/get-dry-run.js';
import { live } from './health/live.js';
import { ready } from './health/ready.js';
import { getLatestResolution, getLatestResolutionAlias } from './identity-resolution/get-latest-resolution.js';
import { getResolutionSettings } from './identity-resolution/get-resolution-settings.js';
import { setResolutionSettings } from './identity-resolution/set-resolution-settings.js';
import { startResolution, startResolutionAlias } from './identity-resolution/start-resolution.js';
import { createKey } from './keys/create-key.js';
import { deleteKey } from './keys/delete-key.js';
import { listKeys } from './keys/list-keys.js';
import { checkExpression } from './language/check-expression.js';
import { previewFilter } from './language/preview-filter.js';
import { previewTransformation } from './language/preview-transformation.js';
import { createPipeline } from './pipelines/create-pipeline.js';
import { deletePipeline } from './pipelines/delete-pipeline.js';
import { getPipeline } from './pipelines/get-pipeline.js';
import { listOccurrences } from './pipelines/list-occurrences.js';
import { listPipelines } from './pipelines/list-pipelines.js';
import { replacePipeline } from './pipelines/replace-pipeline.js';
import { setSchedule } from './pipelines/set-schedule.js';
import { setStatus } from './pipelines/set-status.js';
import { startDryRun } from './pipelines/start-dry-run.js';
import { alterProfileSchema } from './profiles/alter-profile-schema.js';
import { getLatestAlteration } from './profiles/get-latest-alteration.js';
import { getProfile } from './profiles/get-profile.js';
import { getProfileSchema } from './profiles/get-profile-schema.js';
import { listProfileIdentities } from './profiles/list-profile-identities.js';
import { listProfiles } from './profiles/list-profiles.js';
import { previewAlteration, previewAlterationByPut } from './profiles/preview-alteration.js';
import { cancelRun } from './runs/cancel-run.js';
import { getPipelineRun } from './runs/get-pipeline-run.js';
import { getRun } from './runs/get-run.js';
import { listPipelineRuns } from './runs/list-pipeline-runs.js';
import { listRunErrors } from './runs/list-run-errors.js';
import { listRunRejects } from './runs/list-run-rejects.js';
import { listRuns } from './runs/list-runs.js';
import { retryRun } from './runs/retry-run.js';
import { startRun } from './runs/start-run.js';
import { getWarehouse } from './warehouse/get-warehouse.js';
import { setWarehouseMode } from './warehouse/set-warehouse-mode.js';
import { testWarehouse } from './warehouse/test-warehouse.js';
import { createWorkspace } from './workspaces/create-workspace.js';
import { deleteWorkspace } from './workspaces/delete-workspace.js';
import { getWorkspace } from './workspaces/get-workspace.js';
import { listWorkspaces } from './workspaces/list-workspaces.js';
import { renameWorkspace } from './workspaces/rename-workspace.js';

/** Every endpoint, in the order in which the documentation shows them. */
export const routes: readonly Route[] = [
  ...[setStatus, setSchedule, startRun, listPipelineRuns, getPipelineRun, deletePipeline],
  ...[createPipeline, listPipelines, getPipeline, replacePipeline],
  ...[previewTransformation, previewFilter, checkExpression],
  ...[createConnection, listConnections, getConnection, replaceConnection, deleteConnection],
  ...[
    listConnectors,
    testConnection,
    queryConnection,
    listTables,
    previewFiles,
    listSheets,
    getAbsolutePath,
    getUserSchemas,
    previewUsers,
    listIdentities,
  ],
  ...[createWorkspace, listWorkspaces, getWorkspace, renameWorkspace, deleteWorkspace],
  ...[createKey, listKeys, deleteKey],
  ...[getWarehouse, setWarehouseMode, testWarehouse],
  ...[getProfileSchema, alterProfileSchema, previewAlteration, previewAlterationByPut, getLatestAlteration],
  ...[listProfiles, getProfile, listProfileIdentities],
  ...[startResolution, startResolutionAlias, getLatestResolution, getLatestResolutionAlias],
  ...[getResolutionSettings, setResolutionSettings],
  ...[listRuns, getRun, cancelRun, retryRun, listRunErrors, listRunRejects, listOccurrences, startDryRun, getDryRun],
  ...[live, ready],
];
