import type { Schema } from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import type { ServicePlan } from './service-plan.ts'

/** What reads of a feature service have. */
export type ReadColumns = Pick<ServicePlan, 'request' | 'features'> & { timestamp: string }

/**
 * Rows of a log as reads that can be compared: `rows` is SQL with `id`, `eventTime` in milliseconds, the objects `inputs`
 * and `features`, and the list `degraded`.
 */
export function loggedReads(rows: string, { request, features, timestamp }: ReadColumns): string {
  const columns = [
    'id AS id$',
    'coalesce(degraded, []) AS degraded$',
    ...inputColumns(request, timestamp),
    ...features.map(({ name }, i) => `features.${quoteName(name)} AS online$${i}`),
  ]
  return `(SELECT ${columns.join(', ')} FROM (${rows}))`
}

function inputColumns(request: Schema, timestamp: string): string[] {
  const time = (ms: string) => `make_timestamp(CAST(round(${ms} * 1000) AS BIGINT))`
  return Object.entries(request).map(([name, type]) => {
    const column = quoteName(name)
    if (name === timestamp) return `${time('"eventTime"')} AS ${column}`
    if (type === 'timestamp') return `${time(`inputs.${column}`)} AS ${column}`
    return `${type === 'int64' ? `CAST(inputs.${column} AS BIGINT)` : `inputs.${column}`} AS ${column}`
  })
}
