import { Gauge, type Registry } from 'prom-client'
import type { Database } from '../../ports/database.ts'
import { newestChecks } from './consistency-store.ts'

/** What the newest check of each endpoint found; checks are made by any process, so it is read when it is asked for. */
export function registerConsistencyMetrics(registry: Registry, db: Database): void {
  new Gauge({
    name: 'millrace_feature_inconsistency_ratio',
    help: 'Share of compared reads whose feature training has otherwise, in the newest check of the endpoint',
    labelNames: ['endpoint', 'revision', 'feature'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { endpoint, revisions } of await newestChecks(db)) {
        for (const { revision, reads, features } of revisions) {
          if (reads === 0) continue
          for (const { feature, mismatched, missing, extra } of features) {
            this.set({ endpoint, revision, feature }, (mismatched + missing + extra) / reads)
          }
        }
      }
    },
  })
}
