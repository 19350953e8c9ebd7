import { isPlatformError } from '@millrace/protocol'
import type { Metric } from '../../domains/tracking/index.ts'
import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint, orAbsent } from './endpoint.ts'
import { MlflowError } from './mlflow-error.ts'
import { required } from './wire/message.ts'
import { fromMetric } from './wire/metrics.ts'
import { checked, int64, listOf, text, withDefault } from './wire/types.ts'

const pageSize = 25_000
const mostRuns = 100
const mostPoints = 2500

export function metricEndpoints({ tracking }: MlflowDeps): Endpoint[] {
  /** All points, or the first `most`. */
  async function history(of: { run: string; key: string }, most = Number.POSITIVE_INFINITY) {
    const points: Metric[] = []
    let pageToken: string | undefined
    do {
      const limit = Math.min(pageSize, most - points.length)
      const page = await tracking.metricHistoryByTime(of, { limit, pageToken })
      points.push(...page.items)
      pageToken = page.nextPageToken
    } while (pageToken !== undefined && points.length < most)
    return points
  }

  return [
    endpoint({
      method: 'GET',
      path: '/metrics/get-history',
      request: { run_id: required(text), metric_key: required(text), max_results: int64, page_token: text },
      async handle({ run_id, metric_key, max_results, page_token }) {
        const of = { run: run_id, key: metric_key }
        if (max_results !== undefined && max_results < 1) {
          throw refused(
            `Invalid value ${max_results} for parameter 'max_results' supplied. It must be a positive integer.`,
          )
        }
        // Without a number all are wanted.
        if (max_results === undefined && !page_token)
          return { metrics: orAbsent((await history(of)).map(fromMetric)) }
        const limit = Math.min(max_results ?? pageSize, pageSize)
        const { items, nextPageToken } = await tracking
          .metricHistoryByTime(of, { limit, pageToken: page_token || undefined })
          .catch((error: unknown) => {
            if (!page_token || !isPlatformError(error) || error.code !== 'request.invalid') throw error
            throw refused(`Invalid page token, "${page_token.slice(0, 100)}" cannot be read`)
          })
        return { metrics: orAbsent(items.map(fromMetric)), next_page_token: nextPageToken }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/metrics/get-history-bulk-interval',
      request: {
        run_ids: required(
          checked(listOf(text), (ids) =>
            ids.length > mostRuns
              ? `GetMetricHistoryBulkInterval request must specify at most ${mostRuns} run_ids. Received ${ids.length} run_ids.`
              : undefined,
          ),
        ),
        metric_key: required(text),
        start_step: int64,
        end_step: int64,
        max_results: withDefault(
          checked(int64, (count) =>
            count < 1 || count > mostPoints ? `max_results must be between 1 and ${mostPoints}.` : undefined,
          ),
          mostPoints,
        ),
      },
      async handle({ run_ids, metric_key, start_step, end_step, max_results }) {
        if ((start_step === undefined) !== (end_step === undefined)) {
          throw refused('If either start step or end step are specified, both must be specified.')
        }
        if (start_step !== undefined && end_step !== undefined && start_step > end_step) {
          throw refused(
            `end_step must be greater than start_step. Found start_step=${start_step} and end_step=${end_step}.`,
          )
        }
        const points = await tracking.sampleMetric({
          runs: run_ids,
          key: metric_key,
          points: max_results,
          from: start_step,
          to: end_step,
        })
        return { metrics: orAbsent(points.map((point) => ({ ...fromMetric(point), run_id: point.run }))) }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/metrics/get-history-bulk',
      ajaxOnly: true,
      request: { run_id: listOf(text), metric_key: text, max_results: withDefault(int64, pageSize) },
      async handle({ run_id: runs, metric_key, max_results }) {
        if (runs.length === 0) throw refused('GetMetricHistoryBulk request must specify at least one run_id.')
        if (runs.length > mostRuns) {
          throw refused(
            `GetMetricHistoryBulk request cannot specify more than ${mostRuns} run_ids. Received ${runs.length} run_ids.`,
          )
        }
        if (!metric_key) throw refused('GetMetricHistoryBulk request must specify a metric_key.')
        const metrics: object[] = []
        for (const run of [...new Set(runs)].sort()) {
          const left = Math.min(Math.max(max_results, 0), pageSize) - metrics.length
          if (left <= 0) break
          const points = await history({ run, key: metric_key }, left)
          metrics.push(...points.map((point) => ({ ...fromMetric(point), run_id: run })))
        }
        return { metrics }
      },
    }),
  ]
}

function refused(message: string): MlflowError {
  return new MlflowError('INVALID_PARAMETER_VALUE', message)
}
