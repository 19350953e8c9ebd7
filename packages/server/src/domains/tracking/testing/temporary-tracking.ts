import { trackingMigration } from '../../../migrations/0004-tracking.ts'
import { trackingLifeCycleMigration } from '../../../migrations/0010-tracking.ts'
import { artifactsMigration } from '../../../migrations/0011-artifacts.ts'
import { garbageMigration } from '../../../migrations/0014-garbage.ts'
import { pendingMetricsMigration } from '../../../migrations/0015-pending-metrics.ts'
import { notesMigration } from '../../../migrations/0016-notes.ts'
import { createTemporaryStores } from '../../../testing/temporary-stores.ts'
import type { PendingLimits } from '../pending-metrics.ts'
import { createTrackingService } from '../service.ts'

/** Tracking on the embedded stores in a temporary folder. */
export async function createTemporaryTracking(limits?: PendingLimits) {
  const stores = await createTemporaryStores([
    trackingMigration,
    trackingLifeCycleMigration,
    artifactsMigration,
    garbageMigration,
    pendingMetricsMigration,
    notesMigration,
  ])
  const tracking = createTrackingService(stores, limits)
  return {
    ...stores,
    tracking,
    newRun: async (experiment = 'tests') => (await tracking.createRun({ experiment })).id,
  }
}
