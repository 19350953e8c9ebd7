import { sql } from 'kysely'
import { type GroupMetric, mostGroupMetrics, type RunGroup, runGroupTag } from './run-group.ts'
import type { Db } from './tables.ts'

interface Of {
  experiment: string
  metric?: string
}

type Bare = Omit<RunGroup, 'metrics'>

/** Squares of greater numbers, summed, may be no number any more; those of smaller ones are 0. */
const greatest = sql.lit(1e150)
const least = sql.lit(1e-150)

/** The group with the latest start first. */
export async function findRunGroups(
  db: Db,
  of: Of,
  { offset, limit }: { offset: number; limit: number },
): Promise<RunGroup[]> {
  const groups = await db
    .selectFrom('run_tags as t')
    .innerJoin('runs as r', 'r.id', 't.run_id')
    .where('t.key', '=', runGroupTag)
    .where('r.experiment_id', '=', Number(of.experiment))
    .where('r.lifecycle_stage', '=', 'active')
    .groupBy('t.value')
    .select((e) => [
      't.value as name',
      e.fn.countAll<number>().as('runs'),
      sql<number>`sum(case when r.status in ('RUNNING', 'SCHEDULED') then 1 else 0 end)`.as('running'),
      sql<number>`sum(case when r.status in ('FAILED', 'KILLED') then 1 else 0 end)`.as('failed'),
      e.fn.min<number>('r.started_at').as('firstStartedAt'),
      e.fn.max<number>('r.started_at').as('lastStartedAt'),
    ])
    .orderBy('lastStartedAt', 'desc')
    .orderBy('name')
    .offset(offset)
    .limit(limit)
    .execute()
  return withMetrics(db, of, groups)
}

async function withMetrics(db: Db, of: Of, groups: readonly Bare[]): Promise<RunGroup[]> {
  if (groups.length === 0) return []
  const rows = await summarize(db, of, groups)
  const byGroup = Map.groupBy(rows, ({ name }) => name)
  return groups.map((group) => ({ ...group, metrics: (byGroup.get(group.name) ?? []).map(metricFromRow) }))
}

interface SummaryRow {
  name: string
  key: string
  runs: number
  min: number
  max: number
  min_run: string
  max_run: string
  /** Null where values are too great to be squared. */
  mean: number | null
  /** Sum of the squared differences from the mean. */
  squares: number | null
}

/** Once over the values for the mean, once more for the differences from it, which keeps their digits. */
async function summarize(db: Db, of: Of, groups: readonly Bare[]): Promise<SummaryRow[]> {
  const names = sql.join(groups.map(({ name }) => name))
  const oneMetric = of.metric === undefined ? sql`` : sql`and m.key = ${of.metric}`
  const { rows } = await sql<SummaryRow>`
    with measured as (
      select t.value as name, m.key, m.value, m.run_id
      from run_tags t
      join runs r on r.id = t.run_id
      join run_latest_metrics m on m.run_id = r.id
      where t.key = ${runGroupTag} and t.value in (${names}) and m.special = '' ${oneMetric}
        and r.experiment_id = ${Number(of.experiment)} and r.lifecycle_stage = 'active'
    ), summed as (
      select name, key, count(*) as runs, min(value) as min, max(value) as max,
        case when max(abs(value)) <= ${greatest}
          then avg(case when abs(value) <= ${greatest} then value end) end as mean,
        row_number() over (partition by name order by key) as place
      from measured group by name, key
    )
    select s.name, s.key, s.runs, s.min, s.max, s.mean,
      min(case when v.value = s.min then v.run_id end) as min_run,
      min(case when v.value = s.max then v.run_id end) as max_run,
      sum(case when abs(v.value - s.mean) > ${least} then (v.value - s.mean) * (v.value - s.mean)
        else 0 end) as squares
    from summed s join measured v on v.name = s.name and v.key = s.key
    where s.place <= ${sql.lit(mostGroupMetrics)}
    group by s.name, s.key, s.runs, s.min, s.max, s.mean
    order by s.name, s.key`.execute(db)
  return rows
}

function metricFromRow({ key, runs, min, max, min_run, max_run, mean, squares }: SummaryRow): GroupMetric {
  return {
    key,
    runs,
    min: { value: min, run: min_run },
    max: { value: max, run: max_run },
    mean,
    standardDeviation: mean === null || runs < 2 ? null : Math.sqrt(Number(squares) / (runs - 1)),
  }
}
