import type { Schema } from '@millrace/protocol'
import { quoteName } from '../../../kernel/sql.ts'
import type { Lake, LakeColumn } from '../../../ports/lake.ts'
import type { LogRelations } from './relations.ts'

/** The predictions of a range of event time with the labels that have arrived. */
export interface PredictionWindow {
  rows: number
  /** Probability of 1; NaN where the model predicts something else. */
  probability: Float64Array
  /**
   * What was predicted: the class or the cluster; the number of a model for numbers, the score of one for anomalies;
   * else the probability.
   */
  prediction: LakeColumn
  /** 1, 0, or NaN where no such label has arrived. */
  label: Float64Array
  /** Feature values as the model got them. */
  features: LakeColumn[]
  /** Which versions answered (`model/version`), the one with the most rows first. */
  modelVersions: string[]
}

/** Reads one window in the order of event time, then id. */
export async function readWindow(
  lake: Lake,
  relations: LogRelations,
  range: { from: number; until: number; features: Schema },
): Promise<PredictionWindow> {
  const names = Object.keys(range.features)
  // Features get names of their own here: one may be called like another column.
  const list = names.map((name, i) => `features.${quoteName(name)} AS f${i}`)
  const { rows, columns } = await lake.columns(
    `SELECT ${['probability', 'coalesce(probability, value) AS number', '"class"', 'truth', '"modelVersion" AS version', ...list].join(', ')}
      FROM (${relations.joined(range)}) ORDER BY "eventTime", id`,
  )
  const [probability, number, category, truth, version, ...features] = columns
  const isClass = category.kind === 'string' && category.codes.some((code) => code >= 0)
  return {
    rows,
    probability: numbers(probability),
    prediction: { ...(isClass ? category : number), name: 'prediction' },
    label: numbers(truth).map((label) => (label === 0 || label === 1 ? label : Number.NaN)),
    features: features.map((column, i) => ({ ...column, name: names[i] })),
    modelVersions: byCount(version),
  }
}

/** Event time of the first prediction; undefined if there is none. */
export async function findFirstEventTime(lake: Lake, relations: LogRelations): Promise<number | undefined> {
  const [day] = relations.listDays()
  if (day === undefined) return undefined
  const until = Date.parse(`${day}T00:00:00Z`) + 86_400_000 - 1
  const [row] = await lake.rows<{ first: number | null }>(
    `SELECT min("eventTime") AS first FROM (${relations.rawPredictions({ until })}) WHERE error IS NULL`,
  )
  return row?.first ?? undefined
}

function numbers(column: LakeColumn): Float64Array {
  if (column.kind === 'string') throw new TypeError(`The column ${column.name} should hold numbers`)
  return column.values
}

function byCount(column: LakeColumn): string[] {
  if (column.kind !== 'string') throw new TypeError(`The column ${column.name} should hold texts`)
  const counts = new Float64Array(column.dictionary.length)
  for (const code of column.codes) if (code >= 0) counts[code]++
  return column.dictionary
    .map((version, code) => ({ version, count: counts[code] }))
    .sort((a, b) => b.count - a.count || (a.version < b.version ? -1 : 1))
    .map(({ version }) => version)
}
