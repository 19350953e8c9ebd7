import { readPage } from '../../kernel/paging.ts'
import type { Database } from '../../ports/database.ts'
import { requireExperiment } from './experiment-writer.ts'
import type { PendingMetrics } from './pending-metrics.ts'
import type { RunGroupService } from './run-group.ts'
import { findRunGroups } from './run-group-store.ts'
import type { TrackingTables } from './tables.ts'

export function createRunGroupService({
  db,
  pending,
}: {
  db: Database
  pending: PendingMetrics
}): RunGroupService {
  return {
    async listRunGroups(of, page) {
      await requireExperiment(db.tables<TrackingTables>(), of.experiment)
      await pending.apply()
      // It reads every run with a group.
      return readPage(page, (range) => findRunGroups(db.longReads<TrackingTables>(), of, range))
    },
  }
}
