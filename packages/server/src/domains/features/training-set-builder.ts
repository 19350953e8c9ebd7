import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, type TrainingSetDefinition } from '@millrace/protocol'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import { newId } from '../../kernel/ids.ts'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import {
  columnStatistics,
  type DataService,
  type DatasetVersionRef,
  missingForNaN,
  sqlType,
  timeLiteral,
} from '../data/index.ts'
import { versionOf } from '../definitions/index.ts'
import { computeColumns } from './on-demand-columns.ts'
import { compilePointInTime } from './point-in-time.ts'
import { type PlanDeps, planService, type ServicePlan, type SetColumn } from './service-plan.ts'
import type { BuildTrainingSetInput, TrainingSetManifest } from './training-set.ts'

export interface BuilderDeps extends PlanDeps {
  content: ContentStore
  data: Pick<DataService, 'relation' | 'latestVersion'>
  tempDir: string
}

/** A training set that is fully determined but not yet built. */
export interface TrainingSetPlan {
  definition: TrainingSetDefinition
  plan: ServicePlan
  datasets: DatasetVersionRef[]
  /** Hash of everything that determines the rows. */
  inputs: string
}

/** Resolves what a training set is made of. View datasets other than the spine are taken in their latest version. */
export async function planTrainingSet(
  deps: BuilderDeps,
  input: BuildTrainingSetInput,
): Promise<TrainingSetPlan> {
  const definition = await deps.definitions.get('training-set', input.name)
  if (input.version.dataset !== definition.spine) {
    throw fail('request.invalid', {
      reason: `the training set "${input.name}" needs a version of the dataset "${definition.spine}", got one of "${input.version.dataset}"`,
    })
  }
  if (!(input.from < input.until)) {
    throw fail('request.invalid', {
      reason: `from ${iso(input.from)} must be before until ${iso(input.until)}`,
    })
  }
  const plan = await planService(deps, definition.service)
  plan.definitions[`training-set/${definition.name}`] = versionOf(definition)
  const datasets = [{ dataset: input.version.dataset, version: input.version.version }]
  for (const { dataset } of plan.views) {
    if (datasets.some((known) => known.dataset === dataset)) continue
    const { version } = await deps.data.latestVersion(dataset)
    datasets.push({ dataset, version })
  }
  const { definitions, bundles } = plan
  const inputs = sha256(
    canonicalJson({ definitions, bundles, datasets, from: input.from, until: input.until }),
  )
  return { definition, plan, datasets, inputs }
}

/** Builds the rows and stores them; returns the manifest. Equal inputs give equal bytes. */
export async function buildTrainingSet(
  deps: BuilderDeps,
  input: BuildTrainingSetInput,
  { definition, plan, datasets }: TrainingSetPlan,
): Promise<TrainingSetManifest> {
  const { onProgress, signal } = input
  const { label } = definition
  const columns: SetColumn[] = [
    ...plan.columns,
    ...(label ? [{ name: label.name, type: label.type, role: 'label' } as const] : []),
  ]
  await mkdir(deps.tempDir, { recursive: true })
  const id = newId('set')
  const joined = join(deps.tempDir, `${id}.joined.parquet`)
  const finished = join(deps.tempDir, `${id}.parquet`)
  try {
    onProgress?.({ fraction: 0.05, message: 'joining features as they were known' })
    const sql = await joinQuery(deps, input, { definition, plan, datasets })
    const rows = await deps.lake.writeParquet(sql, joined, { signal })
    if (rows === 0) await refuseEmpty(deps, input, plan.service.timestamp)
    if (plan.onDemand.length > 0) {
      onProgress?.({ fraction: 0.5, message: `computing on-demand features of ${rows} rows` })
      await addOnDemand(deps, { joined, finished, plan, columns, table: id, signal })
    }
    const path = plan.onDemand.length > 0 ? finished : joined
    onProgress?.({ fraction: 0.8, message: 'taking statistics' })
    const schema = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
    const statistics = await columnStatistics(deps.lake, { files: [path], schema }, { signal })
    const content = await deps.content.putFile(path)
    return {
      kind: 'training-set',
      name: definition.name,
      content,
      rows,
      from: input.from,
      until: input.until,
      columns,
      timestamp: plan.service.timestamp,
      features: plan.features.map(({ name }) => name),
      ...(label && { label: label.name }),
      datasets,
      definitions: plan.definitions,
      bundles: plan.bundles,
      statistics,
    }
  } finally {
    await rm(joined, { force: true })
    await rm(finished, { force: true })
  }
}

async function joinQuery(
  deps: BuilderDeps,
  input: BuildTrainingSetInput,
  { definition, plan, datasets }: Pick<TrainingSetPlan, 'definition' | 'plan' | 'datasets'>,
): Promise<string> {
  const relations = new Map<string, string>()
  for (const ref of datasets) relations.set(ref.dataset, await deps.data.relation(ref))
  const relationOf = (dataset: string) => relations.get(dataset) ?? ''
  const time = quoteName(plan.service.timestamp)
  const labels = definition.label ? [labelColumn(definition.label)] : []
  const labelNames = definition.label ? [definition.label.name] : []
  const carried = plan.columns.filter(({ role }) => role !== 'feature').map((column) => column.name)
  const until = timeLiteral(input.until)
  const spine = await deps.data.relation(input.version, { rowNumbers: true })
  const joined = compilePointInTime({
    spine: `(SELECT ${[...carried.map(quoteName), ...labels].join(', ')}, file_row_number AS row$
      FROM ${spine} WHERE ${time} >= ${timeLiteral(input.from)} AND ${time} < ${until})`,
    timestamp: plan.service.timestamp,
    columns: [...carried, ...labelNames, 'row$'],
    views: plan.views.map((view) => ({
      plan: view,
      // Later events can be in no window of a row before `until`.
      relation: `(SELECT * FROM ${relationOf(view.dataset)} WHERE ${quoteName(view.timestamp)} < ${until})`,
    })),
  })
  const stored = plan.columns.filter((column) => !isOnDemand(plan, column.name)).map((column) => column.name)
  return `SELECT ${[...stored, ...labelNames].map(quoteName).join(', ')} FROM (${joined}) ORDER BY ${time}, row$`
}

function labelColumn({ name, type, sql }: NonNullable<TrainingSetDefinition['label']>): string {
  const value = `CAST((${sql}\n) AS ${sqlType(type)})`
  return `${type === 'float64' ? missingForNaN(value) : value} AS ${quoteName(name)}`
}

function isOnDemand(plan: ServicePlan, column: string): boolean {
  return plan.onDemand.some((runner) => runner.outputs.includes(column))
}

async function addOnDemand(
  deps: BuilderDeps,
  input: {
    joined: string
    finished: string
    plan: ServicePlan
    columns: SetColumn[]
    table: string
    signal?: AbortSignal
  },
): Promise<void> {
  const { plan, table, signal } = input
  const source = `read_parquet(${quoteText(input.joined)})`
  const needed = [...new Set(plan.onDemand.flatMap((runner) => runner.inputs))]
  const stored = needed.filter((name) => !isOnDemand(plan, name))
  // A row number would do when no view reads a stored column; the constant keeps the number of rows.
  const list = stored.length > 0 ? stored.map(quoteName) : ['1 AS one']
  const given = await deps.lake.columns(`SELECT ${list.join(', ')} FROM ${source}`, { signal })
  const types = Object.fromEntries(input.columns.map(({ name, type }) => [name, type]))
  const computed = await computeColumns(plan.onDemand, { given, types, signal })
  const made = quoteName(table)
  await deps.lake.load(table, computed, { signal })
  try {
    const columns = input.columns.map(({ name, type }) =>
      isOnDemand(plan, name)
        ? `CAST(${made}.${quoteName(name)} AS ${sqlType(type)}) AS ${quoteName(name)}`
        : `stored.${quoteName(name)}`,
    )
    await deps.lake.writeParquet(
      `SELECT ${columns.join(', ')} FROM ${source} AS stored POSITIONAL JOIN ${made}`,
      input.finished,
      { signal },
    )
  } finally {
    await deps.lake.run(`DROP TABLE IF EXISTS ${made}`)
  }
}

async function refuseEmpty(
  deps: BuilderDeps,
  input: BuildTrainingSetInput,
  timestamp: string,
): Promise<never> {
  const time = quoteName(timestamp)
  const [{ first, last }] = await deps.lake.rows<{ first: number; last: number }>(
    `SELECT min(${time}) AS first, max(${time}) AS last FROM ${await deps.data.relation(input.version)}`,
  )
  throw fail('training_set.empty', {
    set: input.name,
    from: iso(input.from),
    until: iso(input.until),
    first: iso(first),
    last: iso(last),
  })
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
