import { fail, type Schema, type TrainingSetDefinition } from '@millrace/protocol'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import type { DataService, DatasetVersionRef } from '../data/index.ts'
import { columnsOfDataset, spineDataset, versionOf } from '../definitions/index.ts'
import { type PlanDeps, planService, type ServicePlan, type SetColumn } from './service-plan.ts'
import type { BuildTrainingSetInput } from './training-set.ts'
import { datasetsOf } from './view-plan.ts'

/** Raised when equal inputs give other rows, or a manifest with other fields. */
const format = 2

export interface TrainingSetPlanDeps extends PlanDeps {
  data: Pick<DataService, 'latestVersion'>
}

/** A training set that is fully determined but not yet built. */
export interface TrainingSetPlan {
  definition: TrainingSetDefinition
  plan: ServicePlan
  datasets: DatasetVersionRef[]
  /** All columns in their order. */
  columns: SetColumn[]
  /** Keys of the entity of snapshots, and the time column of their dataset. */
  spineKeys: Schema
  spineTimestamp: string
  /** Keys by which label events belong to rows. */
  labelKeys: Schema
  /** Hash of everything that determines the rows. */
  inputs: string
  isOnDemand(column: string): boolean
}

/**
 * Resolves what a training set is made of. Datasets other than the spine's are taken in their latest version.
 * @throws `request.invalid` for a version of another dataset, or an empty range
 */
export async function planTrainingSet(
  deps: TrainingSetPlanDeps,
  input: BuildTrainingSetInput,
): Promise<TrainingSetPlan> {
  const definition = await deps.definitions.get('training-set', input.name)
  const spineName = spineDataset(definition)
  if (input.version.dataset !== spineName) {
    throw fail('request.invalid', {
      reason: `the training set "${input.name}" needs a version of the dataset "${spineName}", got one of "${input.version.dataset}"`,
    })
  }
  if (!(input.from < input.until)) {
    throw fail('request.invalid', {
      reason: `from ${iso(input.from)} must be before until ${iso(input.until)}`,
    })
  }
  const plan = await planService(deps, definition.service)
  plan.definitions[`training-set/${definition.name}`] = versionOf(definition)
  const { spine, label } = definition
  const dataset = await deps.definitions.get('dataset', spineName)
  plan.definitions[`dataset/${spineName}`] = versionOf(dataset)
  const keysOf = async (name: string) => {
    const entity = await deps.definitions.get('entity', name)
    plan.definitions[`entity/${name}`] = versionOf(entity)
    return entity.key
  }
  const spineKeys = typeof spine === 'object' && 'entity' in spine ? await keysOf(spine.entity) : {}
  const labelKeys = label?.window ? await keysOf(label.window.entity) : {}
  const others = plan.views.flatMap(datasetsOf)
  const query = typeof spine === 'object' && 'sql' in spine ? spine : undefined
  for (const name of query?.uses ?? []) {
    others.push(name)
    plan.definitions[`dataset/${name}`] = versionOf(await deps.definitions.get('dataset', name))
  }
  if (label?.window) {
    others.push(label.window.dataset)
    const events = await deps.definitions.get('dataset', label.window.dataset)
    plan.definitions[`dataset/${events.name}`] = versionOf(events)
  }
  const datasets = [{ dataset: input.version.dataset, version: input.version.version }]
  for (const name of others) {
    if (datasets.some((known) => known.dataset === name)) continue
    datasets.push({ dataset: name, version: (await deps.data.latestVersion(name)).version })
  }
  const columns = columnsOf(definition, plan, {
    ...(query?.schema ?? columnsOfDataset(dataset)),
    ...spineKeys,
    [plan.service.timestamp]: 'timestamp',
  })
  const { definitions, bundles } = plan
  const inputs = sha256(
    canonicalJson({ format, definitions, bundles, datasets, from: input.from, until: input.until }),
  )
  const computed = new Set(plan.onDemand.flatMap((runner) => runner.outputs))
  const spineTimestamp = dataset.timestamp
  const isOnDemand = (column: string) => computed.has(column)
  return { definition, plan, datasets, columns, spineKeys, spineTimestamp, labelKeys, inputs, isOnDemand }
}

/** Those of the service, then what is kept and the label. */
function columnsOf(
  { keep = [], label }: TrainingSetDefinition,
  plan: ServicePlan,
  spine: Schema,
): SetColumn[] {
  return [
    ...plan.columns,
    ...keep.map((name): SetColumn => ({ name, type: spine[name], role: 'kept' })),
    ...(label ? [{ name: label.name, type: label.type, role: 'label' } as const] : []),
  ]
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
