import type { RunDetail } from '../../domains/tracking/index.ts'
import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint } from './endpoint.ts'
import { mostResults } from './experiments.ts'
import { userOf } from './user.ts'
import { entry } from './wire/entries.ts'
import { experimentId, viewType } from './wire/ids.ts'
import { required } from './wire/message.ts'
import { fromRun, fromRunInfo } from './wire/runs.ts'
import { checked, enumOf, int64, listOf, text, withDefault } from './wire/types.ts'

const runStatus = enumOf({ RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 })

export function runEndpoints({ tracking, search }: MlflowDeps): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/runs/create',
      request: {
        experiment_id: required(experimentId),
        user_id: text,
        run_name: text,
        start_time: int64,
        tags: listOf(entry),
      },
      async handle({ experiment_id, user_id, run_name, start_time, tags }, request) {
        const { id } = await tracking.createRun({
          experimentId: experiment_id,
          user: user_id || userOf(request),
          name: run_name || undefined,
          startedAt: start_time,
          tags,
        })
        // What is new has no outputs; MLflow does not even send the empty message.
        return { run: { ...fromRun(await tracking.getRun(id)), outputs: undefined } }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/update',
      request: { run_id: required(text), status: runStatus, end_time: int64, run_name: text },
      async handle({ run_id, status, end_time, run_name }) {
        const run = await tracking.updateRun(run_id, {
          status,
          endedAt: end_time,
          name: run_name || undefined,
        })
        return { run_info: fromRunInfo(run) }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/runs/get',
      request: { run_id: required(text) },
      handle: async ({ run_id }) => ({ run: fromRun(await tracking.getRun(run_id)) }),
    }),
    endpoint({
      method: 'POST',
      path: '/runs/delete',
      request: { run_id: required(text) },
      async handle({ run_id }) {
        await tracking.deleteRun(run_id)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/restore',
      request: { run_id: required(text) },
      async handle({ run_id }) {
        await tracking.restoreRun(run_id)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/runs/search',
      request: {
        experiment_ids: listOf(experimentId),
        filter: text,
        run_view_type: viewType,
        max_results: withDefault(
          checked(int64, (count) =>
            count < 1
              ? 'It must be a positive integer.'
              : count > mostResults
                ? `It must be at most ${mostResults}.`
                : undefined,
          ),
          1000,
        ),
        order_by: listOf(text),
        page_token: text,
      },
      async handle({ experiment_ids, filter, run_view_type, max_results, order_by, page_token }) {
        const { parts, nextPageToken } = await search.searchRunsInParts({
          dialect: 'mlflow',
          experiments: experiment_ids,
          filter,
          view: run_view_type,
          limit: max_results,
          orderBy: order_by,
          pageToken: page_token || undefined,
        })
        return {
          runs: wireParts(parts),
          next_page_token: nextPageToken,
        }
      },
    }),
  ]
}

async function* wireParts(parts: AsyncIterable<readonly RunDetail[]>) {
  for await (const runs of parts) yield runs.map(fromRun)
}
