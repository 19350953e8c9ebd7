import { fail } from '@millrace/protocol'
import { readPage } from '../../kernel/paging.ts'
import type { TrackingDeps } from './deps.ts'
import type { MetricService } from './metric.ts'
import { listLatestMetrics, listMetricHistory, listMetricHistoryByTime } from './metric-store.ts'
import type { PendingMetrics } from './pending-metrics.ts'
import { requireRun } from './run-service.ts'
import { metricFromRow } from './run-store.ts'
import { sampleMetric } from './sample.ts'
import { readSeries } from './series.ts'
import type { MetricRow, TrackingTables } from './tables.ts'

export function createMetricService({
  db,
  pending,
}: Pick<TrackingDeps, 'db'> & { pending: PendingMetrics }): MetricService {
  const tables = () => db.tables<TrackingTables>()
  return {
    async latestMetrics(run) {
      await pending.apply([run])
      return listLatestMetrics(tables(), run)
    },
    async metricHistory({ run, key }, page) {
      await requireRun(tables(), run)
      await pending.apply([run])
      return readPage(page, (range) => listMetricHistory(tables(), { run, key }, range))
    },
    async metricHistoryByTime(of, { limit, pageToken } = {}) {
      await pending.apply([of.run])
      const after = pageToken === undefined ? undefined : { key: of.key, ...fromToken(pageToken) }
      const rows = await listMetricHistoryByTime(tables(), of, {
        after,
        limit: limit === undefined ? undefined : limit + 1,
      })
      if (limit === undefined || rows.length <= limit) return { items: rows.map(metricFromRow) }
      const items = rows.slice(0, limit)
      return { items: items.map(metricFromRow), nextPageToken: toToken(items[limit - 1]) }
    },
    async metricSeries(query) {
      await requireRun(tables(), query.run)
      await pending.apply([query.run])
      return readSeries(tables(), query)
    },
    async sampleMetric(query) {
      await pending.apply(query.runs)
      return sampleMetric(db.longReads<TrackingTables>(), query)
    },
  }
}

type Place = Pick<MetricRow, 'at' | 'step' | 'value' | 'special'>

function toToken({ at, step, value, special }: Place): string {
  return Buffer.from(JSON.stringify([at, step, value, special])).toString('base64url')
}

/** @throws `request.invalid` for a token that no answer gave */
function fromToken(token: string): Place {
  try {
    const [at, step, value, special] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    const isPlace =
      Number.isSafeInteger(at) &&
      Number.isSafeInteger(step) &&
      typeof value === 'number' &&
      ['', 'NaN', 'Infinity', '-Infinity'].includes(special)
    if (isPlace) return { at, step, value, special }
  } catch {
    // Not JSON: told below.
  }
  throw fail('request.invalid', {
    reason: `pageToken "${token.slice(0, 80)}" is not one of a previous answer`,
  })
}
