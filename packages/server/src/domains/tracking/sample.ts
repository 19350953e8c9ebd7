import { fromStored, type RunMetric } from './metric.ts'
import type { Db } from './tables.ts'

export interface MetricSample {
  runs: readonly string[]
  key: string
  points: number
  from?: number
  to?: number
}

/** See `sampleMetric` of the service. */
export async function sampleMetric(db: Db, query: MetricSample): Promise<RunMetric[]> {
  const { key, points, from, to } = query
  const runs = [...new Set(query.runs)]
  if (runs.length === 0) return []
  const inRange = (run?: string) => {
    let rows = db
      .selectFrom('run_metrics')
      .where('run_id', 'in', run === undefined ? runs : [run])
      .where('key', '=', key)
    if (from !== undefined) rows = rows.where('step', '>=', from)
    if (to !== undefined) rows = rows.where('step', '<=', to)
    return rows
  }
  const distinct = await inRange().select('step').distinct().orderBy('step').execute()
  const chosen = chooseSteps(
    distinct.map(({ step }) => step),
    points,
  )
  const extremes = await inRange()
    .select((e) => [e.fn.min('step').as('first'), e.fn.max('step').as('last')])
    .groupBy('run_id')
    .execute()
  for (const { first, last } of extremes) chosen.add(first).add(last)

  const sampled: RunMetric[] = []
  for (const run of runs) {
    const all = chosen.size >= distinct.length
    const rows = await (all ? inRange(run) : inRange(run).where('step', 'in', [...chosen]))
      .select(['at', 'step', 'value', 'special'])
      .orderBy('step')
      .orderBy('at')
      .orderBy('value')
      .execute()
    for (const row of rows) sampled.push({ run, key, value: fromStored(row), at: row.at, step: row.step })
  }
  return sampled
}

/** Of sorted steps at most `points` at even distances in the list, and the last one. */
export function chooseSteps(steps: readonly number[], points: number): Set<number> {
  if (steps.length <= points) return new Set(steps)
  const distance = steps.length / points
  const chosen = Array.from({ length: points }, (_, i) => steps[Math.floor(i * distance)])
  return new Set([...chosen, steps[steps.length - 1]])
}
