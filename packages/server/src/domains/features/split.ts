import type { SplitDefinition } from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import type { SetColumn } from './service-plan.ts'

export const memberNames = ['train', 'validation', 'test'] as const
export type MemberName = (typeof memberNames)[number]

interface SplitInput {
  /** The Parquet file of the whole set, in the order of time. */
  path: string
  rows: number
  columns: readonly SetColumn[]
  timestamp: string
}

/** Names of the members of a split, in their order. */
function membersOf({ shares }: SplitDefinition): MemberName[] {
  return memberNames.filter((name) => shares[name] !== undefined)
}

/**
 * SQL of the rows of each member, in the order of the whole set. What member a row is in depends on:
 *
 * - `random`, `group`: the MD5 of the seed and some columns alone, so it is the same in every set. Random takes all
 *   columns that are given (key, time, request), thus equal rows stay together. Shares are met on average.
 * - `stratified`: the rank of that MD5 among the rows with the same value. Shares are met to within a row per value.
 * - `time`: the time; the next member begins at the time of the row at its share, and rows nearer than the gap to
 *   that are in no member.
 */
export async function splitQueries(
  lake: Pick<Lake, 'rows'>,
  split: SplitDefinition,
  input: SplitInput,
  options: LakeOptions = {},
): Promise<{ member: MemberName; sql: string }[]> {
  const source = `read_parquet(${quoteText(input.path)}, file_row_number = true)`
  const member = await memberExpression(lake, split, { ...input, source }, options)
  const list = input.columns.map(({ name }) => quoteName(name)).join(', ')
  return membersOf(split).map((name) => ({
    member: name,
    sql: `SELECT ${list} FROM (SELECT *, ${member} AS member$ FROM ${source})
      WHERE member$ = '${name}' ORDER BY file_row_number`,
  }))
}

async function memberExpression(
  lake: Pick<Lake, 'rows'>,
  split: SplitDefinition,
  input: SplitInput & { source: string },
  options: LakeOptions,
): Promise<string> {
  const members = membersOf(split)
  if (split.by === 'time') return byTime(lake, split, { ...input, members }, options)
  const typed = new Map(input.columns.map((column) => [column.name, column]))
  if (split.by === 'stratified') {
    const draw = drawOf(split.seed, given(input.columns))
    const within = `PARTITION BY ${quoteName(split.column)}`
    const place = `(row_number() OVER (${within} ORDER BY ${draw}, file_row_number) - 0.5::DOUBLE) / count(*) OVER (${within})`
    return choose(members, (share) => `${place} < ${share}::DOUBLE`, split)
  }
  const columns =
    split.by === 'random'
      ? given(input.columns)
      : split.columns.flatMap((name) => {
          const column = typed.get(name)
          return column ? [column] : []
        })
  const draw = drawOf(split.seed, columns)
  return choose(members, (share) => `${draw} < ${BigInt(Math.round(share * 2 ** 53)) << 11n}::UBIGINT`, split)
}

/** What a row came with, not what was found out for it. */
function given(columns: readonly SetColumn[]): SetColumn[] {
  return columns.filter(({ role }) => role !== 'feature' && role !== 'label')
}

/** A whole number below 2^64 out of the seed and the values of columns. */
function drawOf(seed: number, columns: readonly SetColumn[]): string {
  const texts = columns.map(({ name, type }) => {
    const value = type === 'timestamp' ? `epoch_us(${quoteName(name)})` : quoteName(name)
    return `coalesce(CAST(${value} AS VARCHAR), chr(30))`
  })
  return `md5_number_lower(concat_ws(chr(31), ${[quoteText(String(seed)), ...texts].join(', ')}))`
}

/** The first member whose upper bound, a share of 1, is not reached. */
function choose(
  members: readonly MemberName[],
  isBelow: (share: number) => string,
  { shares }: SplitDefinition,
): string {
  let below = 0
  const cases = members.slice(0, -1).map((name) => {
    below += shares[name] ?? 0
    return `WHEN ${isBelow(below)} THEN '${name}'`
  })
  return `CASE ${cases.join(' ')} ELSE '${members.at(-1)}' END`
}

async function byTime(
  lake: Pick<Lake, 'rows'>,
  split: SplitDefinition & { by: 'time' },
  input: SplitInput & { source: string; members: readonly MemberName[] },
  options: LakeOptions,
): Promise<string> {
  const { source, rows, members } = input
  const time = `epoch_us(${quoteName(input.timestamp)})`
  let below = 0
  const places = members.slice(0, -1).map((name) => {
    below += split.shares[name] ?? 0
    return Math.min(rows - 1, Math.floor(below * rows + 1e-6))
  })
  const found = await lake.rows<{ place: number; us: number }>(
    `SELECT file_row_number AS place, ${time} AS us FROM ${source} WHERE file_row_number IN (${places.join(', ')})`,
    options,
  )
  const gap = BigInt(split.gapMs) * 1000n
  let cases = ''
  for (const [i, place] of places.entries()) {
    const begin = BigInt(found.find((row) => row.place === place)?.us ?? 0)
    cases += ` WHEN ${time} < ${begin - gap} THEN '${members[i]}' WHEN ${time} < ${begin} THEN NULL`
  }
  return `CASE${cases} ELSE '${members.at(-1)}' END`
}
