import { entityIdText, keyIdText, runIdText } from '@penstock/shared/contracts';
import { z } from 'zod';

/** `:id` of a workspace, connection or pipeline. */
export const entityParams = z.object({ id: entityIdText });

/** `:id` of a run. */
export const runParams = z.object({ id: runIdText });

/** `:id` of an API key. */
export const keyParams = z.object({ id: keyIdText });
