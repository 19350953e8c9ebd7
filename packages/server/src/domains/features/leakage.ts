import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake, LakeColumn, LakeOptions } from '../../ports/lake.ts'
import type { DataService, Statistics } from '../data/index.ts'
import { columnsOfDataset } from '../definitions/index.ts'
import { determination, equalShare } from './leakage-signals.ts'
import type { DefinitionSource, SetColumn } from './service-plan.ts'
import type { TrainingSetPlan } from './training-set-plan.ts'
import type { ViewPlan } from './view-plan.ts'

/**
 * A sign that a feature knows what it should not, or will not help with new rows.
 * - `equals_label`, `determines_label`: one feature (almost) is the label, or tells it.
 * - `future_time`: a time that is later than the row's.
 * - `id_like`: nearly every row has a value of its own.
 * - `own_row`: the newest value of a view is that of the example itself, which is not there yet when it is served.
 * - `known_later`: rows of a view have another time that is later than the one they are used from.
 */
export interface LeakageFinding {
  check: 'equals_label' | 'determines_label' | 'future_time' | 'id_like' | 'own_row' | 'known_later'
  /** A column of the set, or the feature view for `known_later`. */
  name: string
  /** What the check measures, 0 to 1, to four digits. */
  share?: number
  message: string
}

const limits = {
  equal: 0.99,
  determined: 0.97,
  unique: 0.9,
  uniqueEstimate: 0.7,
  uniqueRows: 100,
  later: 0.01,
}
const sampleRows = 20_000
/** Columns of the sample that are in memory at once. */
const columnsAtOnce = 50

interface LeakageDeps {
  lake: Pick<Lake, 'rows' | 'columns'>
  data: Pick<DataService, 'relation'>
  definitions: Pick<DefinitionSource, 'get'>
}

interface LeakageInput {
  set: TrainingSetPlan
  /** The Parquet file of the whole set. */
  path: string
  rows: number
  statistics: Statistics
}

/** Looks for leakage in a training set; the same rows give the same findings. In the order of the columns. */
export async function findLeakage(
  deps: LeakageDeps,
  input: LeakageInput,
  options: LakeOptions = {},
): Promise<LeakageFinding[]> {
  const { set } = input
  const allowed = new Set(set.definition.leakage?.allow ?? [])
  const { columns, plan } = set
  const seen = columns.filter(({ name }) => plan.features.some((feature) => feature.name === name))
  const findings = [
    ...(await againstLabel(deps, input, seen, options)),
    ...(await futureTimes(deps, input, options)),
    ...(await idLike(deps, input, seen, options)),
    ...ownRows(set),
    ...(await knownLater(deps, set, options)),
  ]
  const place = (name: string) => {
    const found = columns.findIndex((column) => column.name === name)
    return found < 0 ? columns.length : found
  }
  return findings.filter(({ name }) => !allowed.has(name)).sort((a, b) => place(a.name) - place(b.name))
}

async function againstLabel(
  { lake }: LeakageDeps,
  { set, path, rows }: LeakageInput,
  seen: readonly SetColumn[],
  options: LakeOptions,
): Promise<LeakageFinding[]> {
  const { label } = set.definition
  if (!label) return []
  const findings: LeakageFinding[] = []
  const every = Math.ceil(rows / sampleRows)
  for (let start = 0; start < seen.length; start += columnsAtOnce) {
    const some = seen.slice(start, start + columnsAtOnce)
    const list = [label.name, ...some.map(({ name }) => name)].map(quoteName).join(', ')
    const sample = await lake.columns(
      `SELECT ${list} FROM read_parquet(${quoteText(path)}, file_row_number = true)
       WHERE file_row_number % ${every} = 0 ORDER BY file_row_number`,
      options,
    )
    const [truth, ...features] = sample.columns
    for (const [i, { name }] of some.entries()) {
      const finding = compare(name, label.name, [features[i], truth])
      if (finding) findings.push(finding)
    }
  }
  return findings
}

function compare(
  name: string,
  label: string,
  [feature, truth]: [LakeColumn, LakeColumn],
): LeakageFinding | undefined {
  const equal = equalShare(feature, truth)
  if (equal >= limits.equal) {
    const message = `"${name}" is the label "${label}" in ${percent(equal)} of the rows`
    return { check: 'equals_label', name, share: rounded(equal), message }
  }
  const told = determination(feature, truth)
  if (told < limits.determined) return undefined
  const message = `"${name}" alone tells ${percent(told)} of the label "${label}"`
  return { check: 'determines_label', name, share: rounded(told), message }
}

async function futureTimes(
  { lake }: LeakageDeps,
  { set, path, rows }: LeakageInput,
  options: LakeOptions,
): Promise<LeakageFinding[]> {
  const { timestamp } = set.plan.service
  const times = set.columns.filter(
    ({ name, type, role }) =>
      type === 'timestamp' &&
      name !== timestamp &&
      (role === 'feature' || role === 'request' || role === 'input'),
  )
  if (times.length === 0) return []
  const counts = times.map(
    ({ name }, i) => `count(*) FILTER (${quoteName(name)} > ${quoteName(timestamp)}) AS n${i}`,
  )
  const [later] = await lake.rows<Record<string, number>>(
    `SELECT ${counts.join(', ')} FROM read_parquet(${quoteText(path)})`,
    options,
  )
  return times.flatMap(({ name }, i): LeakageFinding[] => {
    const share = later[`n${i}`] / rows
    if (share === 0) return []
    const message = `"${name}" is later than "${timestamp}" in ${percent(share)} of the rows`
    return [{ check: 'future_time', name, share: rounded(share), message }]
  })
}

async function idLike(
  { lake }: LeakageDeps,
  { statistics, path, rows }: LeakageInput,
  seen: readonly SetColumn[],
  options: LakeOptions,
): Promise<LeakageFinding[]> {
  const present = (name: string) => rows - statistics[name].nulls
  // Statistics estimate: only what may be an id is counted.
  const candidates = seen.filter(
    ({ name, type }) =>
      (type === 'string' || type === 'int64') &&
      present(name) >= limits.uniqueRows &&
      statistics[name].distinct >= limits.uniqueEstimate * present(name),
  )
  if (candidates.length === 0) return []
  const [counts] = await lake.rows<Record<string, number>>(
    `SELECT ${candidates.map(({ name }, i) => `count(DISTINCT ${quoteName(name)}) AS n${i}`).join(', ')}
     FROM read_parquet(${quoteText(path)})`,
    options,
  )
  return candidates.flatMap(({ name }, i): LeakageFinding[] => {
    const share = counts[`n${i}`] / present(name)
    if (share < limits.unique) return []
    const message = `"${name}" has ${counts[`n${i}`]} values in ${present(name)} rows, as an id has`
    return [{ check: 'id_like', name, share: rounded(share), message }]
  })
}

function ownRows({ definition, plan }: TrainingSetPlan): LeakageFinding[] {
  const own = plan.views.filter(
    (view) => view.dataset === definition.spine && view.timestamp === plan.service.timestamp && !view.created,
  )
  return own.flatMap((view) =>
    view.last.map(
      ({ name, column }): LeakageFinding => ({
        check: 'own_row',
        name,
        message: `"${name}" is "${column}" of the example itself: the view "${view.name}" uses rows of "${view.dataset}" from their "${view.timestamp}" on; give it the time when they are known`,
      }),
    ),
  )
}

async function knownLater(
  deps: LeakageDeps,
  set: TrainingSetPlan,
  options: LakeOptions,
): Promise<LeakageFinding[]> {
  const findings: LeakageFinding[] = []
  for (const view of set.plan.views) {
    if (view.created || view.query) continue
    const finding = await laterTimes(deps, set, view, options)
    if (finding) findings.push(finding)
  }
  return findings
}

async function laterTimes(
  { lake, data, definitions }: LeakageDeps,
  { datasets }: TrainingSetPlan,
  view: ViewPlan,
  options: LakeOptions,
): Promise<LeakageFinding | undefined> {
  const types = columnsOfDataset(await definitions.get('dataset', view.dataset))
  const others = Object.keys(types).filter((name) => types[name] === 'timestamp' && name !== view.timestamp)
  const ref = datasets.find(({ dataset }) => dataset === view.dataset)
  if (others.length === 0 || !ref) return undefined
  const time = quoteName(view.timestamp)
  const [found] = await lake.rows<Record<string, number>>(
    `SELECT count(*) AS rows, ${others.map((name, i) => `count(*) FILTER (${quoteName(name)} > ${time}) AS n${i}`).join(', ')}
     FROM ${await data.relation(ref)}`,
    options,
  )
  const shares = others.map((_, i) => (found.rows === 0 ? 0 : found[`n${i}`] / found.rows))
  const most = shares.indexOf(Math.max(...shares))
  const share = shares[most]
  if (share < limits.later) return undefined
  const message = `view "${view.name}" uses rows of "${view.dataset}" from "${view.timestamp}" on, but "${others[most]}" is later in ${percent(share)} of them; are they known by then? Declare created, or take that time`
  return { check: 'known_later', name: view.name, share: rounded(share), message }
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`
}
