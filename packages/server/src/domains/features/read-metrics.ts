import { Counter, Gauge, type Registry } from 'prom-client'
import type { Database } from '../../ports/database.ts'
import type { ReadLog } from './read-log.ts'
import { newestServiceChecks } from './read-store.ts'

/** Registers what is known about logged reads of feature services; it is asked for when metrics are read. */
export function registerReadMetrics(
  registry: Registry,
  { db, reads }: { db: Database; reads: Pick<ReadLog, 'counts'> },
): void {
  const registers = [registry]
  new Counter({
    name: 'millrace_feature_reads_logged_total',
    help: 'Rows of online reads of a feature service that were to be logged, by what became of them',
    labelNames: ['service', 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const [service, counts] of reads.counts()) {
        for (const outcome of ['logged', 'dropped'] as const) this.inc({ service, outcome }, counts[outcome])
      }
    },
  })
  new Gauge({
    name: 'millrace_feature_service_inconsistency_ratio',
    help: 'Share of compared reads whose feature training has otherwise, in the newest check of the feature service',
    labelNames: ['service', 'version', 'view', 'feature'],
    registers,
    async collect() {
      this.reset()
      for (const { service, versions } of await newestServiceChecks(db)) {
        for (const { version, view = '', reads: compared, features } of versions) {
          for (const { feature, mismatched, missing, extra } of features)
            this.set({ service, version, view, feature }, (mismatched + missing + extra) / compared)
        }
      }
    },
  })
}
