import type { FeatureViewDefinition } from '@millrace/protocol'
import { type Static, Type } from 'typebox'
import { toRows } from './cells.ts'
import type { FeastDeps } from './deps.ts'
import { FeastWireError } from './feast-error.ts'
import { countRows, Frame } from './frame.ts'

export const Push = Type.Object({
  push_source_name: Type.String({ maxLength: 512 }),
  df: Frame,
  to: Type.Optional(
    Type.Union([Type.Literal('online'), Type.Literal('offline'), Type.Literal('online_and_offline')]),
  ),
})

export const WriteToOnlineStore = Type.Object({
  feature_view_name: Type.String({ maxLength: 512 }),
  df: Frame,
})

type Deps = Pick<FeastDeps, 'definitions' | 'features'>

/**
 * Pushes rows to all views that read the dataset of this name, or to the one view of this name. The dataset gets them
 * once, together with the first view.
 * @throws FeastWireError, and what a push throws
 */
export async function push(deps: Deps, body: Static<typeof Push>): Promise<void> {
  const { push_source_name: source, df, to = 'online' } = body
  countRows('df', df)
  const views = await findViews(deps, source)
  const dataset = await deps.definitions.get('dataset', views[0].from)
  const types = Object.entries(dataset.schema).map(([name, type]) => ({ name, column: name, type }))
  const unknown = Object.keys(df).find((column) => !Object.hasOwn(dataset.schema, column))
  // Feast, too, takes only the source's own columns into its offline store.
  if (unknown !== undefined && to !== 'online') {
    const columns = Object.keys(dataset.schema).join(', ')
    throw new FeastWireError('FeastError', `df has a column "${unknown}", the source has ${columns}`, 422)
  }
  const rows = toRows(df, types)
  const [first, ...others] = to === 'offline' ? [views[0]] : withNewestRows(views)
  const target = to === 'online_and_offline' ? 'both' : to
  await deps.features.push({ view: first.name, rows, to: target })
  for (const { name } of others) await deps.features.push({ view: name, rows, to: 'online' })
}

async function findViews({ definitions }: Deps, source: string): Promise<FeatureViewDefinition[]> {
  // Rows of one dataset are not those of a query over several.
  const all = (await definitions.list('feature-view')).filter(({ query }) => query === undefined)
  const reading = all.filter(({ from }) => from === source)
  const views = reading.length > 0 ? reading : all.filter(({ name }) => name === source)
  if (views.length > 0) return views
  throw new FeastWireError(
    'PushSourceNotFoundException',
    `There is no push source '${source}': no feature view reads a dataset of this name, nor has it`,
  )
}

/** Views of windows alone follow with the next materialization; if there are only such, the push says so. */
function withNewestRows(views: FeatureViewDefinition[]): FeatureViewDefinition[] {
  const some = views.filter(({ features }) => Object.values(features).some((feature) => 'last' in feature))
  return some.length > 0 ? some : views.slice(0, 1)
}

/**
 * Writes values of features. Feast's client calls the time `event_timestamp`, whatever the source calls it; features may
 * have their names or those of the source.
 * @throws what writing values throws
 */
export async function writeToOnlineStore(deps: Deps, body: Static<typeof WriteToOnlineStore>): Promise<void> {
  const { feature_view_name: name, df } = body
  if (countRows('df', df) === 0) return
  const view = await deps.definitions.get('feature-view', name)
  const { key } = await deps.definitions.get('entity', view.entity)
  const time = Object.hasOwn(df, view.timestamp) ? view.timestamp : 'event_timestamp'
  const rows = toRows(df, [
    ...Object.entries(key).map(([column, type]) => ({ name: column, column, type })),
    { name: view.timestamp, column: time, type: 'timestamp' },
    ...Object.entries(view.features).map(([feature, spec]) => ({
      name: feature,
      column: 'last' in spec && !Object.hasOwn(df, feature) ? spec.last : feature,
      type: spec.type,
    })),
  ])
  await deps.features.writeValues(name, rows)
}
