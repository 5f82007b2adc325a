import { describeAbort } from './conformance/abort.js';
import { describeDuplicates } from './conformance/duplicates.js';
import { describeFence } from './conformance/fence.js';
import { describeImporting } from './conformance/importing.js';
import { describePurge } from './conformance/purge.js';
import { describeReading } from './conformance/reading.js';
import { describeRefusals } from './conformance/refusals.js';
import { describeRemoval } from './conformance/removal.js';
import { describeValues } from './conformance/values.js';
import type { WarehouseUnderTest } from './support/warehouse-under-test.js';

/** What every warehouse guarantees. Call it inside `describe`; the warehouse is asked for when the tests run. */
export function describeWarehouse(warehouse: () => WarehouseUnderTest): void {
  describeImporting(warehouse);
  describeValues(warehouse);
  describeDuplicates(warehouse);
  describeRemoval(warehouse);
  describeRefusals(warehouse);
  describeFence(warehouse);
  describeAbort(warehouse);
  describePurge(warehouse);
  describeReading(warehouse);
}
