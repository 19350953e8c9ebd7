import {
  type CategoricalColumn,
  categoricalColumn,
  createFrame,
  gainImportances,
  type NumericColumn,
  numberTarget,
  numericColumn,
  randomForestRegressor,
} from '@millrace/learn'
import { fitInThreads } from '@millrace/learn/threads'
import { fail } from '@millrace/protocol'
import type { Database } from '../../../ports/database.ts'
import { isExperimentId } from '../experiment-store.ts'
import { fromStored } from '../metric.ts'
import type { Db, TrackingTables } from '../tables.ts'
import { rankCorrelation, ranksOf } from './rank-correlation.ts'

export interface ParameterImportance {
  metric: string
  /** The runs that were looked at: the newest active ones with a finite value. */
  runs: number
  /** The most important first. */
  parameters: ImportantParameter[]
}

export interface ImportantParameter {
  key: string
  kind: 'numeric' | 'categorical'
  /** Share of the variance that the forest takes away, 0 to 1; all of them add up to 1, or to 0 if it takes away none. */
  importance: number
  /** Spearman's rank correlation with the metric over the runs that have the parameter; null if it is not defined. */
  correlation: number | null
}

const most = { runs: 2000, parameters: 100 }
const fewestRuns = 10

/**
 * Which parameters decide on a metric: a random forest learns from them which rank a run has by the metric, so that
 * outliers weigh no more than others, and its gain importances (Breiman 2001) are the answer. Parameters with one value
 * only are left out, as are those that fewer runs have than the hundred most frequent ones. The same runs give the same
 * answer.
 * @throws `experiment.not_found`, `experiment.importance_unavailable` if there are too few runs or values
 */
export async function parameterImportance(
  db: Database,
  { experiment, metric }: { experiment: string; metric: string },
): Promise<ParameterImportance> {
  const tables = db.longReads<TrackingTables>()
  await requireExperiment(tables, experiment)
  const rows = await listResults(tables, Number(experiment), metric)
  const refuse = (reason: string) => fail('experiment.importance_unavailable', { experiment, metric, reason })
  if (rows.length < fewestRuns) {
    throw refuse(`${rows.length} active runs have a finite value of it, at least ${fewestRuns} are needed`)
  }
  const values = rows.map(fromStored)
  if (values.every((value) => value === values[0])) throw refuse('all runs have the same value of it')

  const ids = rows.map(({ run_id }) => run_id)
  const params = await readParams(tables, ids)
  if (params.size === 0) throw refuse('no parameter has two different values')
  const columns = [...params].map(([key, texts], index) => ({ key, name: `p${index}`, ...toColumn(texts) }))
  const frame = createFrame(Object.fromEntries(columns.map(({ name, column }) => [name, column])))
  const learner = randomForestRegressor({ nEstimators: 100, maxFeatures: 1 / 3, minSamplesLeaf: 3, seed: 0 })
  const target = numberTarget(ranksOf(values))
  const model = await fitInThreads(learner, { frame, target }, { threads: 1 })
  const byName = new Map(columns.map((column) => [column.name, column]))
  const parameters = (gainImportances(model) ?? []).flatMap(({ name, importance }): ImportantParameter[] => {
    const found = byName.get(name)
    if (!found) return []
    const { key, column, numbers } = found
    return [{ key, kind: column.kind, importance, correlation: numbers && rankCorrelation(numbers, values) }]
  })
  return { metric, runs: rows.length, parameters }
}

async function requireExperiment(db: Db, experiment: string): Promise<void> {
  const found =
    isExperimentId(experiment) &&
    (await db.selectFrom('experiments').select('id').where('id', '=', Number(experiment)).executeTakeFirst())
  if (!found) throw fail('experiment.not_found', { experiment })
}

async function listResults(db: Db, experiment: number, metric: string) {
  return db
    .selectFrom('runs as r')
    .innerJoin('run_latest_metrics as m', 'm.run_id', 'r.id')
    .select(['m.run_id', 'm.value', 'm.special'])
    .where('r.experiment_id', '=', experiment)
    .where('r.lifecycle_stage', '=', 'active')
    .where('m.key', '=', metric)
    .where('m.special', '=', '')
    .orderBy('r.started_at', 'desc')
    .orderBy('r.id')
    .limit(most.runs)
    .execute()
}

/** The texts of each parameter that varies, by run; null where a run lacks it. */
async function readParams(db: Db, ids: readonly string[]): Promise<Map<string, (string | null)[]>> {
  const rows = await db
    .selectFrom('run_params')
    .selectAll()
    .where('run_id', 'in', ids)
    .orderBy('key')
    .orderBy('run_id')
    .execute()
  const place = new Map(ids.map((id, i) => [id, i]))
  const groups = [...Map.groupBy(rows, ({ key }) => key)]
    .filter(([, entries]) => new Set(entries.map(({ value }) => value)).size > 1)
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, most.parameters)
  return new Map(
    groups.map(([key, entries]) => {
      const texts = new Array<string | null>(ids.length).fill(null)
      for (const { run_id, value } of entries) texts[place.get(run_id) ?? 0] = value
      return [key, texts]
    }),
  )
}

/** Numbers if all texts are, else categories. */
function toColumn(texts: readonly (string | null)[]): {
  column: NumericColumn | CategoricalColumn
  numbers: (number | null)[] | null
} {
  const numbers = texts.map((text) => (text === null ? null : text.trim() === '' ? Number.NaN : Number(text)))
  const areNumbers = numbers.every((value) => value === null || Number.isFinite(Math.fround(value)))
  return areNumbers
    ? { column: numericColumn(numbers), numbers }
    : { column: categoricalColumn(texts), numbers: null }
}
