import { quoteName } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { type DataService, type DatasetVersionRef, queryRelation, timeLiteral } from '../data/index.ts'
import { joinLabelWindow, labelValue } from './label-window.ts'
import { joinPointInTime, type PointInTimeInput } from './point-in-time.ts'
import { datasetSpine, querySpine, type SpineRelation, snapshotSpine } from './spine.ts'
import type { TrainingSetPlan } from './training-set-plan.ts'
import { viewRelation } from './view-plan.ts'

type Relations = Pick<DataService, 'relation'>

/**
 * Writes a training set's rows, in their order, as a Parquet file at `path`: all but what on-demand views compute.
 * @param input.version of the spine's dataset
 * @returns the number of rows
 */
export async function joinTrainingSet(
  { lake, data }: { lake: Lake; data: Relations },
  input: { version: DatasetVersionRef; from: number; until: number; path: string },
  set: TrainingSetPlan,
  options: LakeOptions,
): Promise<number> {
  const { definition, plan, datasets } = set
  const relations = new Map<string, string>()
  for (const ref of datasets) relations.set(ref.dataset, await data.relation(ref))
  const relationOf = (dataset: string) => relations.get(dataset) ?? ''
  const { timestamp } = plan.service
  const { label } = definition
  const carried = set.columns
    .filter(({ role }) => role !== 'feature' && role !== 'label')
    .map(({ name }) => name)
  const labels = label ? [label.name] : []
  let spine = await spineRelation(data, input, set, relationOf)
  if (label?.window) {
    const { window } = label
    const events = relationOf(window.dataset)
    const keys = set.labelKeys
    const needed = [...new Set([...carried, ...Object.keys(keys)])].map(quoteName).join(', ')
    const rows = `(SELECT ${needed}, row$ FROM ${spine})`
    spine = `(${joinLabelWindow({ label: { ...label, window }, keys, events, spine: rows, timestamp })})`
  } else if (label) {
    spine = `(SELECT ${carried.map(quoteName).join(', ')}, row$, ${labelValue(label)} AS ${quoteName(label.name)} FROM ${spine})`
  }
  const until = timeLiteral(input.until)
  const joined: PointInTimeInput = {
    spine: `(SELECT ${[...carried, ...labels].map(quoteName).join(', ')}, row$ FROM ${spine})`,
    timestamp,
    columns: [...carried, ...labels, 'row$'],
    views: plan.views.map((view) => ({
      plan: view,
      // Later events can be in no window of a row before `until`.
      relation: `(SELECT * FROM ${viewRelation(view, relationOf)} WHERE ${quoteName(view.timestamp)} < ${until})`,
    })),
  }
  const stored = set.columns
    .filter((column) => !set.isOnDemand(column.name))
    .map(({ name }) => quoteName(name))
  const order = `${quoteName(timestamp)}, row$`
  return joinPointInTime(
    lake,
    joined,
    (sql) =>
      lake.writeParquet(`SELECT ${stored.join(', ')} FROM (${sql}) ORDER BY ${order}`, input.path, options),
    options,
  )
}

async function spineRelation(
  data: Relations,
  { version, from, until }: { version: DatasetVersionRef; from: number; until: number },
  { definition, plan, spineKeys, spineTimestamp }: TrainingSetPlan,
  relationOf: (dataset: string) => string,
): Promise<SpineRelation> {
  const { timestamp } = plan.service
  const { spine } = definition
  if (typeof spine === 'string') {
    return datasetSpine(await data.relation(version, { rowNumbers: true }), timestamp, { from, until })
  }
  if ('sql' in spine) {
    const { sql, uses, schema } = spine
    const relation = queryRelation({ sql, tables: uses, columns: schema }, relationOf)
    return querySpine(relation, { timestamp, columns: Object.keys(schema), from, until })
  }
  const relation = await data.relation(version)
  const range = { from, until, datasetTimestamp: spineTimestamp, keys: spineKeys, timestamp }
  return snapshotSpine(spine, { relation, ...range })
}
