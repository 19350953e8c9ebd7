import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, type TrainingSetDefinition } from '@millrace/protocol'
import { newId } from '../../kernel/ids.ts'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import { columnStatistics, type DataService, sqlType } from '../data/index.ts'
import { findLeakage, type LeakageFinding } from './leakage.ts'
import { computeColumns } from './on-demand-columns.ts'
import type { PlanDeps } from './service-plan.ts'
import type { BuildTrainingSetInput, TrainingSetManifest } from './training-set.ts'
import { storeMembers } from './training-set-members.ts'
import type { TrainingSetPlan } from './training-set-plan.ts'
import { trainingSetQuery } from './training-set-query.ts'

export interface BuilderDeps extends PlanDeps {
  content: ContentStore
  data: Pick<DataService, 'relation' | 'latestVersion'>
  tempDir: string
}

/** Builds the rows and stores them; returns the manifest. Equal inputs give equal bytes. */
export async function buildTrainingSet(
  deps: BuilderDeps,
  input: BuildTrainingSetInput,
  set: TrainingSetPlan,
): Promise<TrainingSetManifest> {
  const { onProgress, signal } = input
  const { definition, plan, datasets, columns } = set
  const { label } = definition
  await mkdir(deps.tempDir, { recursive: true })
  const id = newId('set')
  const joined = join(deps.tempDir, `${id}.joined.parquet`)
  const finished = join(deps.tempDir, `${id}.parquet`)
  try {
    onProgress?.({ fraction: 0.05, message: 'joining features as they were known' })
    const sql = await trainingSetQuery(deps.data, input, set)
    const rows = await deps.lake.writeParquet(sql, joined, { signal })
    if (rows === 0) await refuseEmpty(deps, input, set)
    if (plan.onDemand.length > 0) {
      onProgress?.({ fraction: 0.5, message: `computing on-demand features of ${rows} rows` })
      await addOnDemand(deps, { joined, finished, set, table: id, signal })
    }
    const path = plan.onDemand.length > 0 ? finished : joined
    onProgress?.({ fraction: 0.8, message: 'taking statistics' })
    const schema = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
    const statistics = await columnStatistics(deps.lake, { files: [path], schema }, { signal })
    const leakage = await findLeakage(deps, { set, path, rows, statistics }, { signal })
    refuseLeakage(definition, leakage)
    const content = await deps.content.putFile(path)
    const whole: TrainingSetManifest = {
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
      leakage,
    }
    if (!definition.split) return whole
    onProgress?.({ fraction: 0.9, message: 'splitting' })
    const members = await storeMembers(deps, { whole, split: definition.split, path, id, signal })
    return { ...whole, members }
  } finally {
    await rm(joined, { force: true })
    await rm(finished, { force: true })
  }
}

async function addOnDemand(
  deps: BuilderDeps,
  input: {
    joined: string
    finished: string
    set: TrainingSetPlan
    table: string
    signal?: AbortSignal
  },
): Promise<void> {
  const { set, table, signal } = input
  const { plan, columns: all, isOnDemand } = set
  const source = `read_parquet(${quoteText(input.joined)})`
  const needed = [...new Set(plan.onDemand.flatMap((runner) => runner.inputs))]
  const stored = needed.filter((name) => !isOnDemand(name))
  // A row number would do when no view reads a stored column; the constant keeps the number of rows.
  const list = stored.length > 0 ? stored.map(quoteName) : ['1 AS one']
  const given = await deps.lake.columns(`SELECT ${list.join(', ')} FROM ${source}`, { signal })
  const types = Object.fromEntries(all.map(({ name, type }) => [name, type]))
  const computed = await computeColumns(plan.onDemand, { given, types, signal })
  const made = quoteName(table)
  await deps.lake.load(table, computed, { signal })
  try {
    const columns = all.map(({ name, type }) =>
      isOnDemand(name)
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

function refuseLeakage({ name, leakage }: TrainingSetDefinition, findings: readonly LeakageFinding[]): void {
  if (leakage?.action !== 'stop' || findings.length === 0) return
  const reasons = findings.map(({ message }) => message).join('; ')
  throw fail('training_set.leakage', { set: name, reasons })
}

async function refuseEmpty(
  deps: BuilderDeps,
  input: BuildTrainingSetInput,
  { definition, plan, spineTimestamp }: TrainingSetPlan,
): Promise<never> {
  const time = quoteName(typeof definition.spine === 'string' ? plan.service.timestamp : spineTimestamp)
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
