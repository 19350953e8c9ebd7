import { type ColumnType, fail, type Ranges, type ValueRange } from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { timeLiteral } from '../data/index.ts'
import { describeRange } from './range.ts'
import type { RangeCounts } from './range-counts.ts'
import type { ServicePlan } from './service-plan.ts'

/** A column of the lake with the range that its values must be in. */
interface RangedColumn {
  /** null = a feature of the request. */
  view: string | null
  name: string
  type: ColumnType
  range: ValueRange
}

/** The columns with ranges that are there before on-demand views run, which check their own. */
export function rangedColumns({
  service,
  request,
  views,
}: Pick<ServicePlan, 'service' | 'request' | 'views'>): RangedColumn[] {
  const of = (view: string | null, ranges: Ranges = {}, types: Readonly<Record<string, ColumnType>>) =>
    Object.entries(ranges).map(([name, range]): RangedColumn => ({ view, name, type: types[name], range }))
  return [
    ...of(null, service.ranges, request),
    ...views.flatMap((view) => of(view.name, view.ranges, view.features)),
  ]
}

/** A query with the values of columns brought into their ranges; those that would be refused stay. */
export function rangedQuery(sql: string, columns: readonly RangedColumn[]): string {
  const replaced = columns
    .filter(({ range }) => range.outside !== 'refuse')
    .map((column) => `${replacement(column)} AS ${quoteName(column.name)}`)
  return replaced.length === 0 ? sql : `SELECT * REPLACE (${replaced.join(', ')}) FROM (${sql})`
}

/**
 * Brings the columns of a Parquet file into their ranges.
 * @param input.ranged where to write them, if any value is outside
 * @returns the file that has them
 * @throws `training_set.outside_range`
 */
export async function enforceRanges(
  lake: Lake,
  input: {
    set: string
    columns: readonly RangedColumn[]
    joined: string
    ranged: string
    counts: RangeCounts
  },
  options: LakeOptions,
): Promise<string> {
  const { columns, counts } = input
  if (columns.length === 0) return input.joined
  const source = `read_parquet(${quoteText(input.joined)})`
  const counted = columns.map(
    (column, i) =>
      `count(*) FILTER (${isOutside(column)}) AS n${i}, count(*) FILTER (${isMissing(column)}) AS m${i}`,
  )
  const [found] = await lake.rows<Record<string, number>>(
    `SELECT ${counted.join(', ')} FROM ${source}`,
    options,
  )
  const refused = columns.flatMap(({ view, name, range }, i) => {
    const values = found[`m${i}`] + (range.outside === 'refuse' ? found[`n${i}`] : 0)
    const of = view === null ? 'the request' : `"${view}"`
    return values > 0 ? [`${values} of "${name}" of ${of}, which must be ${describeRange(range)}`] : []
  })
  if (refused.length > 0)
    throw fail('training_set.outside_range', { set: input.set, values: refused.join('; ') })
  let isAny = false
  for (const [i, { view, name, range }] of columns.entries()) {
    const values = found[`n${i}`]
    if (values === 0) continue
    isAny = true
    counts.add({ view, feature: name }, range.outside === 'clip' ? 'clipped' : 'nulled', values)
  }
  if (!isAny) return input.joined
  await lake.writeParquet(rangedQuery(`SELECT * FROM ${source}`, columns), input.ranged, options)
  return input.ranged
}

function isOutside({ name, type, range }: RangedColumn): string {
  const value = quoteName(name)
  const { min, max, in: members } = range
  const literals = members?.map((member) => literal(member, type))
  const tests = [
    ...(min !== undefined ? [`${value} < ${literal(min, type)}`] : []),
    ...(max !== undefined ? [`${value} > ${literal(max, type)}`] : []),
    ...(literals ? [`${value} NOT IN (${literals.join(', ')})`] : []),
  ]
  return tests.length === 0 ? 'false' : `coalesce(${tests.join(' OR ')}, false)`
}

function isMissing({ name, range }: RangedColumn): string {
  return range.notNull ? `${quoteName(name)} IS NULL` : 'false'
}

/** Missing values stay missing: they are in the range, or refused. */
function replacement(column: RangedColumn): string {
  const { name, type, range } = column
  const value = quoteName(name)
  if (range.outside === 'null') return `CASE WHEN ${isOutside(column)} THEN NULL ELSE ${value} END`
  const { min, max } = range
  const cases = [
    ...(min !== undefined ? [`WHEN ${value} < ${literal(min, type)} THEN ${literal(min, type)}`] : []),
    ...(max !== undefined ? [`WHEN ${value} > ${literal(max, type)} THEN ${literal(max, type)}`] : []),
  ]
  return `CASE ${cases.join(' ')} ELSE ${value} END`
}

function literal(value: string | number, type: ColumnType): string {
  if (typeof value === 'string') return quoteText(value)
  if (type === 'timestamp') return timeLiteral(value)
  // Through text: a fraction in SQL is a DECIMAL near the double that is meant.
  return type === 'int64' ? `${value}::BIGINT` : `'${value}'::DOUBLE`
}
