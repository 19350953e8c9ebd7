import { fail } from '@millrace/protocol'
import type { ComparedEntry, Run, RunComparison, RunDetail } from './run.ts'
import { findRuns, loadRunDetails } from './run-store.ts'
import type { Db } from './tables.ts'

const mostRuns = 100

/** @throws `request.invalid` */
export function checkComparedRuns(ids: readonly string[]): void {
  if (ids.length > 0 && ids.length <= mostRuns) return
  throw fail('request.invalid', { reason: `1 to ${mostRuns} runs are compared at once, not ${ids.length}` })
}

/** See `compareRuns` of the service. */
export async function compareRuns(db: Db, ids: readonly string[]): Promise<RunComparison> {
  const byId = new Map((await findRuns(db, ids)).map((run) => [run.id, run]))
  const runs = ids.map((id) => {
    const run = byId.get(id)
    if (!run) throw fail('run.not_found', { run: id })
    return run
  })
  const details = await loadRunDetails(db, runs)
  return {
    runs: details.map(runOf),
    params: compare(details.map(({ params }) => new Map(Object.entries(params)))),
    tags: compare(details.map(({ tags }) => new Map(Object.entries(tags)))),
    metrics: compare(details.map(({ metrics }) => new Map(metrics.map(({ key, value }) => [key, value])))),
  }
}

function runOf({ group, params, tags, metrics, inputs, modelInputs, modelOutputs, ...run }: RunDetail): Run {
  return run
}

/** Every key of any of the columns with its values; NaN equals NaN. */
function compare<Value>(columns: readonly ReadonlyMap<string, Value>[]): ComparedEntry<Value>[] {
  const keys = new Set(columns.flatMap((column) => [...column.keys()]))
  return [...keys].sort().map((key) => {
    const values = columns.map((column) => column.get(key) ?? null)
    return { key, values, differs: values.some((value) => !Object.is(value, values[0])) }
  })
}
