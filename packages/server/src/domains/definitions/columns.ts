import type {
  DefinitionKind,
  DefinitionOf,
  FeatureServiceDefinition,
  Schema,
  TrainingSetDefinition,
} from '@millrace/protocol'

/** Finds a definition among those that will exist after an apply. */
export type Lookup = <K extends DefinitionKind>(kind: K, name: string) => DefinitionOf<K> | undefined

/** Columns of a dataset version: those of the source and the derived ones. */
export function columnsOfDataset(dataset: DefinitionOf<'dataset'>): Schema {
  const derived = Object.entries(dataset.derived).map(([name, { type }]) => [name, type] as const)
  return { ...dataset.schema, ...Object.fromEntries(derived) }
}

/**
 * What a caller of a feature service sends for one row: the event time, the keys of the entities, the request
 * features, and the inputs of on-demand views that nothing else provides.
 */
export function requestSchema(service: FeatureServiceDefinition, find: Lookup): Schema {
  const schema: Schema = { [service.timestamp]: 'timestamp' }
  const provided = new Set<string>()
  for (const name of service.featureViews) {
    const view = find('feature-view', name)
    const entity = view && find('entity', view.entity)
    Object.assign(schema, entity?.key)
    for (const feature of Object.keys(view?.features ?? {})) provided.add(feature)
  }
  Object.assign(schema, service.request)
  for (const name of service.onDemandViews) {
    const view = find('on-demand-view', name)
    for (const [column, type] of Object.entries(view?.input ?? {})) {
      if (!provided.has(column)) schema[column] = type
    }
    for (const feature of Object.keys(view?.features ?? {})) provided.add(feature)
  }
  return schema
}

/** Columns of the rows that a training set starts from. */
export function spineColumns({ spine, service }: TrainingSetDefinition, find: Lookup): Schema {
  if (typeof spine === 'string') {
    const dataset = find('dataset', spine)
    return dataset ? columnsOfDataset(dataset) : {}
  }
  if ('sql' in spine) return spine.schema
  const timestamp = find('feature-service', service)?.timestamp
  return {
    ...find('entity', spine.entity)?.key,
    ...(timestamp !== undefined && { [timestamp]: 'timestamp' }),
  }
}

/** The dataset whose version a training set is built for. */
export function spineDataset({ spine }: TrainingSetDefinition): string {
  if (typeof spine === 'string') return spine
  return 'sql' in spine ? spine.uses[0] : spine.dataset
}

/** Columns that the features of a view may use. */
export function columnsOfView(
  { query }: DefinitionOf<'feature-view'>,
  from: DefinitionOf<'dataset'>,
): Schema {
  return query?.schema ?? columnsOfDataset(from)
}
