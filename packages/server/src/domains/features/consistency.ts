import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ColumnType } from '@millrace/protocol'
import { newId } from '../../kernel/ids.ts'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import type { DataService, DatasetVersionRef } from '../data/index.ts'
import { addOnDemand } from './on-demand-join.ts'
import { joinPointInTime } from './point-in-time.ts'
import { withoutRefused } from './range.ts'
import { createRangeCounts } from './range-counts.ts'
import { rangedColumns, rangedQuery } from './range-sql.ts'
import type { ServicePlan, SetColumn } from './service-plan.ts'
import { datasetsOf, viewRelation } from './view-plan.ts'

/** What online reads gave for one feature, against what a training set has for the same keys and times. */
export interface FeatureConsistency {
  feature: string
  /** Reads where both have a value, and it is not the same. */
  mismatched: number
  /** Reads without a value where training has one. */
  missing: number
  /** Reads with a value where training has none. */
  extra: number
  /** Of all those: reads that said themselves that the value was missing, too old or behind. */
  marked: number
  /** Numbers: mean of online − training over the reads where both have a value; else null. */
  meanDifference: number | null
  /** Numbers: mean of 2 |online − training| / (|online| + |training|) over the same reads, 0 to 2; else null. */
  relativeDifference: number | null
  /** A few reads that differ. Times are milliseconds. */
  examples: { id: string; at: number; online: FeatureExample; training: FeatureExample }[]
}

type FeatureExample = string | number | boolean | null

export interface ReadComparison {
  /** Reads that were compared. */
  reads: number
  /** In the order of the service. */
  features: FeatureConsistency[]
  /** What the values were computed from again. */
  datasets: DatasetVersionRef[]
}

export interface ComparisonInput {
  plan: ServicePlan
  /**
   * The reads as a relation, with a text `id$`, a list of texts `degraded$` (features that the read had marked), the
   * columns of the request, and the value of the n-th feature as `online$<n>`: text, boolean, else DOUBLE (times in
   * milliseconds).
   */
  reads: string
  /** Share of the keys whose reads are compared, by a hash: all reads of a key or none. */
  sample: number
}

interface ComparisonDeps {
  lake: Lake
  data: Pick<DataService, 'relation' | 'latestVersion' | 'hold'>
  tempDir: string
}

const mostExamples = 5
/** Doubles that differ by less than this, relative to the greater, are the same. */
const tolerance = 1e-9

/** Computes the features of online reads again, as training would at the time of each, and compares. */
export async function compareReads(
  deps: ComparisonDeps,
  input: ComparisonInput,
  options: LakeOptions = {},
): Promise<ReadComparison> {
  const { data } = deps
  const names = [...new Set(input.plan.views.flatMap(datasetsOf))]
  const datasets = await Promise.all(
    names.map(async (dataset) => ({ dataset, version: (await data.latestVersion(dataset)).version })),
  )
  return data.hold(datasets, 'a check of consistency', () =>
    compareWith(deps, { ...input, datasets }, options),
  )
}

async function compareWith(
  { lake, data, tempDir }: ComparisonDeps,
  { plan, reads, sample, datasets }: ComparisonInput & { datasets: DatasetVersionRef[] },
  options: LakeOptions,
): Promise<ReadComparison> {
  const relations = new Map<string, string>()
  for (const ref of datasets) relations.set(ref.dataset, await data.relation(ref))
  const request = Object.keys(plan.request)
  const online = plan.features.map((_, i) => `online$${i}`)
  const own = ['id$', 'degraded$', ...online]
  const keys = [...new Set(plan.views.flatMap((view) => Object.keys(view.keys)))]
  const sampled =
    sample >= 1 || keys.length === 0 ? reads : `(SELECT * FROM ${reads} WHERE ${isSampled(keys, sample)})`
  const input = {
    spine: sampled,
    timestamp: plan.service.timestamp,
    columns: [...request, ...own],
    views: plan.views.map((view) => ({
      plan: view,
      relation: viewRelation(view, (dataset) => relations.get(dataset) ?? ''),
    })),
  }
  await mkdir(tempDir, { recursive: true })
  const id = newId('set')
  const joined = join(tempDir, `${id}.reads.parquet`)
  const finished = join(tempDir, `${id}.computed.parquet`)
  try {
    const bounded = rangedColumns(plan)
    const write = (sql: string) => lake.writeParquet(rangedQuery(sql, bounded), joined, options)
    const count = await joinPointInTime(lake, input, write, options)
    if (plan.onDemand.length > 0) {
      const columns: Pick<SetColumn, 'name' | 'type'>[] = [
        ...plan.columns,
        ...own.map((name) => ({ name, type: 'string' as const })),
      ]
      // Reads were of values that were not refused; what is there now may be another one, and is to be shown.
      const onDemand = plan.onDemand.map((runner) => ({ ...runner, ranges: withoutRefused(runner.ranges) }))
      const input = { joined, finished, plan: { onDemand }, columns, table: id, counts: createRangeCounts() }
      await addOnDemand(lake, { ...input, ...options })
    }
    const path = plan.onDemand.length > 0 ? finished : joined
    return { reads: count, features: await compareFeatures(lake, { plan, path }, options), datasets }
  } finally {
    await rm(joined, { force: true })
    await rm(finished, { force: true })
  }
}

function isSampled(keys: readonly string[], sample: number): string {
  const texts = keys.map((name) => `coalesce(CAST(${quoteName(name)} AS VARCHAR), chr(30))`)
  const bound = BigInt(Math.round(Math.max(0, sample) * 2 ** 53)) << 11n
  return `md5_number_lower(concat_ws(chr(31), ${texts.join(', ')})) < ${bound}::UBIGINT`
}

async function compareFeatures(
  lake: Lake,
  { plan, path }: { plan: ServicePlan; path: string },
  options: LakeOptions,
): Promise<FeatureConsistency[]> {
  const source = `read_parquet(${quoteText(path)})`
  const compared: FeatureConsistency[] = []
  for (const [i, { name, type }] of plan.features.entries()) {
    const [online, training] = [`online$${i}`, asLogged(name, type)]
    const isMarked = `list_contains(degraded$, ${quoteText(name)})`
    const differs = `paired AND ${isDifferent(type)}`
    const rows = `(SELECT id$, ${quoteName(plan.service.timestamp)} AS at$, ${online} AS a, ${training} AS b, ${isMarked} AS marked,
      ${online} IS NOT NULL AND ${training} IS NOT NULL AS paired FROM ${source})`
    const numbers = type === 'int64' || type === 'float64'
    const [counts] = await lake.rows<Counts>(
      `SELECT count(*) FILTER (${differs}) AS mismatched, count(*) FILTER (a IS NULL AND b IS NOT NULL) AS missing,
         count(*) FILTER (a IS NOT NULL AND b IS NULL) AS extra,
         count(*) FILTER (marked AND (${differs} OR (a IS NULL) <> (b IS NULL))) AS marked,
         ${numbers ? 'avg(a - b) FILTER (paired)' : 'NULL'} AS difference,
         ${numbers ? 'avg(CASE WHEN a = b THEN 0 ELSE 2 * abs(a - b) / (abs(a) + abs(b)) END) FILTER (paired)' : 'NULL'} AS relative
       FROM ${rows}`,
      options,
    )
    const { mismatched, missing, extra, marked } = counts
    const examples =
      mismatched + missing + extra === 0
        ? []
        : await lake.rows<FeatureConsistency['examples'][number]>(
            `SELECT id$ AS id, epoch_ms(at$) AS "at", a AS online, b AS training FROM ${rows}
             WHERE (${differs}) OR (a IS NULL) <> (b IS NULL) ORDER BY id$ LIMIT ${mostExamples}`,
            options,
          )
    compared.push({
      feature: name,
      ...{ mismatched, missing, extra, marked },
      meanDifference: counts.difference,
      relativeDifference: counts.relative,
      examples,
    })
  }
  return compared
}

interface Counts {
  mismatched: number
  missing: number
  extra: number
  marked: number
  difference: number | null
  relative: number | null
}

/** A feature as the log of reads has it. */
function asLogged(name: string, type: ColumnType): string {
  if (type === 'timestamp') return `(epoch_us(${quoteName(name)}) / 1000)`
  return type === 'string' || type === 'boolean' ? quoteName(name) : `CAST(${quoteName(name)} AS DOUBLE)`
}

function isDifferent(type: ColumnType): string {
  return type === 'float64' ? `abs(a - b) > ${tolerance} * greatest(abs(a), abs(b))` : 'a <> b'
}
