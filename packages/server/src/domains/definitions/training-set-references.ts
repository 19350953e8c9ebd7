import type { DefinitionKind, DefinitionOf, Schema, TrainingSetDefinition } from '@millrace/protocol'
import { columnsOfDataset, type Lookup, requestSchema, spineColumns } from './columns.ts'

interface Checks {
  find: Lookup
  need<K extends DefinitionKind>(kind: K, name: string, field: string): DefinitionOf<K>
  needColumn(columns: Schema, column: string, field: string, type?: string): void
  refuse(reason: string): Error
}

/** Checks what a training set refers to. @throws `definition.invalid` */
export function checkTrainingSet(definition: TrainingSetDefinition, checks: Checks): void {
  const { find, need, needColumn, refuse } = checks
  const { spine, label, keep = [] } = definition
  const service = need('feature-service', definition.service, 'service')
  if (typeof spine === 'string') need('dataset', spine, 'spine')
  else if ('sql' in spine) for (const used of spine.uses) need('dataset', used, 'spine')
  else {
    const key = need('entity', spine.entity, 'spine').key
    checkKey(key, columnsOfDataset(need('dataset', spine.dataset, 'spine')), 'spine', checks)
  }
  const columns = spineColumns(definition, find)
  const request = requestSchema(service, find)
  for (const [column, type] of Object.entries(request)) {
    needColumn(columns, column, 'the feature service needs', type)
  }
  const features = [
    ...service.featureViews.flatMap((view) => Object.keys(find('feature-view', view)?.features ?? {})),
    ...service.onDemandViews.flatMap((view) => Object.keys(find('on-demand-view', view)?.features ?? {})),
  ]
  for (const column of keep) {
    needColumn(columns, column, 'keep')
    if (column in request || features.includes(column) || keep.indexOf(column) !== keep.lastIndexOf(column))
      throw refuse(`keep names "${column}", which is in the set already`)
    if (column === label?.name) throw refuse(`keep names "${column}", which is the name of the label`)
  }
  if (label?.window) {
    const { dataset, entity, timestamp } = label.window
    const events = columnsOfDataset(need('dataset', dataset, 'label'))
    const key = need('entity', entity, 'label').key
    checkKey(key, events, 'the key of the label', checks)
    checkKey(key, columns, 'the key of the label', checks)
    if (label.name in key) throw refuse(`the label "${label.name}" has the name of its own key`)
    needColumn(events, timestamp, 'label', 'timestamp')
    checkOtherwise(label, refuse)
  }
  checkSplit(definition, [...Object.keys(request), ...features, ...keep], refuse)
}

function checkKey(key: Schema, columns: Schema, field: string, { needColumn }: Checks): void {
  for (const [column, type] of Object.entries(key)) needColumn(columns, column, field, type)
}

const typeOfLiteral = { int64: 'number', float64: 'number', timestamp: 'number' } as const

function checkOtherwise(
  { type, window }: NonNullable<TrainingSetDefinition['label']>,
  refuse: (reason: string) => Error,
): void {
  const { take, otherwise } = window ?? {}
  if (take === 'count' && type !== 'int64') throw refuse(`a label that is a count must be int64, not ${type}`)
  if (otherwise === undefined) return
  if (take === 'count')
    throw refuse('a label that is a count is 0 where nothing happened; leave otherwise out')
  const wanted = type === 'string' || type === 'boolean' ? type : typeOfLiteral[type]
  const fits = typeof otherwise === wanted && (type !== 'int64' || Number.isSafeInteger(otherwise))
  if (!fits) throw refuse(`label: otherwise must be ${type}, got ${JSON.stringify(otherwise)}`)
}

/** @param columns names of all columns of the set but the label */
function checkSplit(
  { label, split }: TrainingSetDefinition,
  columns: readonly string[],
  refuse: (reason: string) => Error,
): void {
  if (!split) return
  const shares = Object.values(split.shares)
  if (shares.length < 2 || Math.abs(shares.reduce((a, b) => a + b, 0) - 1) > 1e-9)
    throw refuse(`the shares of split must be several and add up to 1, got ${JSON.stringify(split.shares)}`)
  if (split.by === 'stratified' && split.column === label?.name) {
    if (label.type === 'float64' || label.type === 'timestamp')
      throw refuse(`split cannot be stratified by "${split.column}", which is ${label.type}`)
    return
  }
  const named = split.by === 'stratified' ? [split.column] : split.by === 'group' ? split.columns : []
  const unknown = named.find((column) => !columns.includes(column))
  if (unknown !== undefined)
    throw refuse(
      `split names "${unknown}", which is no column of the set; keep takes columns of the spine along`,
    )
}
