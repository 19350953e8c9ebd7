import { trackingMigration } from '../../../migrations/0004-tracking.ts'
import { trackingLifeCycleMigration } from '../../../migrations/0010-tracking.ts'
import { artifactsMigration } from '../../../migrations/0011-artifacts.ts'
import { createTemporaryStores } from '../../../testing/temporary-stores.ts'
import { createTrackingService } from '../service.ts'

/** Tracking on the embedded stores in a temporary folder. */
export async function createTemporaryTracking() {
  const stores = await createTemporaryStores([
    trackingMigration,
    trackingLifeCycleMigration,
    artifactsMigration,
  ])
  const tracking = createTrackingService(stores)
  return {
    ...stores,
    tracking,
    newRun: async (experiment = 'tests') => (await tracking.createRun({ experiment })).id,
  }
}
