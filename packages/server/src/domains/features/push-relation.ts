import { type DatasetDefinition, fail, type Schema } from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import type { SecretStore } from '../../ports/secret-store.ts'
import { maskedRelation, missingForNaN, sqlType } from '../data/index.ts'
import { columnsOfDataset } from '../definitions/index.ts'
import type { FeatureValue } from './on-demand.ts'
import { writerOf } from './on-demand-columns.ts'
import { createRowParser, type RequestRow } from './request-row.ts'
import type { ViewPlan } from './view-plan.ts'

/** Reads pushed rows: values in the order of the dataset's source columns. */
export function createPushParser(
  dataset: DatasetDefinition,
  plan: ViewPlan,
  { isWhole }: { isWhole: boolean },
): (row: RequestRow, at: number) => FeatureValue[] {
  const parse = createRowParser(dataset.schema, dataset.timestamp)
  const needed = [...Object.keys(plan.keys), ...columnsRead(plan)]
  // A derived column may use any other.
  if (isWhole || needed.some((name) => Object.hasOwn(dataset.derived, name))) return parse
  const others = Object.keys(dataset.schema).filter(
    (name) => !needed.includes(name) && name !== dataset.timestamp,
  )
  const missing = Object.fromEntries(others.map((name) => [name, null]))
  return (row, at) => parse({ ...missing, ...row }, at)
}

/** Columns, without the keys, that the newest row's values are made of. */
function columnsRead(plan: ViewPlan): string[] {
  return [
    plan.timestamp,
    ...(plan.created ? [plan.created.column] : []),
    ...plan.last.map(({ column }) => column),
  ]
}

/** True if the rows of the dataset have all that this version of a view reads. */
export function canRead(dataset: DatasetDefinition, plan: ViewPlan): boolean {
  const columns = columnsOfDataset(dataset)
  return (
    plan.dataset === dataset.name &&
    plan.query === undefined &&
    [...Object.keys(plan.keys), ...columnsRead(plan)].every((name) => Object.hasOwn(columns, name))
  )
}

/**
 * Puts rows into a table of the lake, `name`.
 * @returns a relation with the columns of the dataset's source
 */
export async function loadRows(
  lake: Lake,
  name: string,
  { dataset, rows }: { dataset: DatasetDefinition; rows: readonly FeatureValue[][] },
): Promise<string> {
  const { schema } = dataset
  const writers = Object.entries(schema).map(([column, type]) => writerOf(column, type, rows.length))
  for (const [at, row] of rows.entries()) {
    for (const [i, writer] of writers.entries()) writer.set(at, row[i])
  }
  await lake.load(name, { rows: rows.length, columns: writers.map(({ column }) => column) })
  return `(SELECT ${castList(schema).join(', ')} FROM ${quoteName(name)})`
}

/** Rows of the source as a version has them: personal data masked, then derived columns computed. */
export async function versionRelation(
  dataset: DatasetDefinition,
  source: string,
  secrets: SecretStore,
): Promise<string> {
  const computed = Object.entries(dataset.derived).map(([column, { type, sql }]) => {
    const value = `CAST((${sql}\n) AS ${sqlType(type)})`
    return `${type === 'float64' ? missingForNaN(value) : value} AS ${quoteName(column)}`
  })
  const masked = await maskedRelation(dataset, source, secrets)
  return `(SELECT ${['*', ...computed].join(', ')} FROM ${masked})`
}

/** @throws `feature.push_refused` if a row's time is later than `until`, milliseconds, or missing */
export async function checkTimes(
  lake: Lake,
  { plan, relation, until }: { plan: ViewPlan; relation: string; until: number },
): Promise<void> {
  const time = quoteName(plan.timestamp)
  const [{ latest, missing }] = await lake.rows<{ latest: number | null; missing: number }>(
    `SELECT max(${time}) AS latest, count(*) - count(${time}) AS missing FROM ${relation}`,
  )
  const refuse = (reason: string) => fail('feature.push_refused', { view: plan.name, reason })
  if (missing > 0) throw refuse(`${missing} of them have no "${plan.timestamp}"`)
  if (latest !== null && latest > until) {
    throw refuse(
      `"${plan.timestamp}" is ${new Date(latest).toISOString()}, more than a day ahead of the server's clock: no newer row could replace that one`,
    )
  }
}

function castList(schema: Schema): string[] {
  return Object.entries(schema).map(
    ([name, type]) => `CAST(${quoteName(name)} AS ${sqlType(type)}) AS ${quoteName(name)}`,
  )
}
