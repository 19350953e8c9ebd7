import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, type TrainingSetDefinition } from '@millrace/protocol'
import { newId } from '../../kernel/ids.ts'
import { quoteName } from '../../kernel/sql.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import { columnStatistics, type DataService } from '../data/index.ts'
import { findLeakage, type LeakageFinding } from './leakage.ts'
import { addOnDemand } from './on-demand-join.ts'
import { createRangeCounts, type RangeCounts } from './range-counts.ts'
import { enforceRanges, rangedColumns } from './range-sql.ts'
import type { PlanDeps } from './service-plan.ts'
import type { BuildTrainingSetInput, TrainingSetManifest } from './training-set.ts'
import { storeMembers } from './training-set-members.ts'
import type { TrainingSetPlan } from './training-set-plan.ts'
import { joinTrainingSet } from './training-set-query.ts'

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
  const ranged = join(deps.tempDir, `${id}.ranged.parquet`)
  const finished = join(deps.tempDir, `${id}.parquet`)
  try {
    onProgress?.({ fraction: 0.05, message: 'joining features as they were known' })
    const rows = await joinTrainingSet(deps, { ...input, path: joined }, set, { signal })
    if (rows === 0) await refuseEmpty(deps, input, set)
    const [counts, bounded] = [createRangeCounts(), rangedColumns(plan)]
    const enforced = await enforceRanges(
      deps.lake,
      { set: definition.name, columns: bounded, joined, ranged, counts },
      { signal },
    )
    if (plan.onDemand.length > 0) {
      onProgress?.({ fraction: 0.5, message: `computing on-demand features of ${rows} rows` })
      await addOnDemand(deps.lake, { joined: enforced, finished, plan, columns, table: id, counts, signal })
    }
    const path = plan.onDemand.length > 0 ? finished : enforced
    const outsideRange = countOutside(plan, counts)
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
      ...(outsideRange && { outsideRange }),
      leakage,
    }
    if (!definition.split) return whole
    onProgress?.({ fraction: 0.9, message: 'splitting' })
    const members = await storeMembers(deps, { whole, split: definition.split, path, id, signal })
    return { ...whole, members }
  } finally {
    await rm(joined, { force: true })
    await rm(ranged, { force: true })
    await rm(finished, { force: true })
  }
}

/** By feature with a range; undefined if none has one. */
function countOutside(
  { service, views, onDemand }: TrainingSetPlan['plan'],
  counts: RangeCounts,
): Record<string, number> | undefined {
  const all = [service, ...views, ...onDemand].flatMap(({ ranges = {} }) => Object.keys(ranges))
  if (all.length === 0) return undefined
  const outside: Record<string, number> = Object.fromEntries(all.map((feature) => [feature, 0]))
  for (const { feature, values } of counts.list()) outside[feature] += values
  return outside
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
  // The version that was asked for says when there is something; of a query only its first dataset.
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
