import type { Schema, SnapshotSpine } from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import { timeLiteral } from '../data/index.ts'
import { keyList } from './view-plan.ts'

/** Rows that a training set starts from, as a relation: its columns, the time, and `row$` that orders rows of one time. */
export type SpineRelation = string

interface Range {
  /** Milliseconds; `from <= t < until`. */
  from: number
  until: number
}

/** The rows of a dataset version in a range of time; `relation` has `file_row_number`. */
export function datasetSpine(relation: string, timestamp: string, { from, until }: Range): SpineRelation {
  const time = quoteName(timestamp)
  return `(SELECT *, file_row_number AS row$ FROM ${relation}
    WHERE ${time} >= ${timeLiteral(from)} AND ${time} < ${timeLiteral(until)})`
}

/** The rows of a query in a range of time; those of one time are in the order of their columns. */
export function querySpine(
  relation: string,
  { timestamp, columns, from, until }: Range & { timestamp: string; columns: readonly string[] },
): SpineRelation {
  const time = quoteName(timestamp)
  return `(SELECT *, row_number() OVER (ORDER BY ${columns.map(quoteName).join(', ')}) AS row$ FROM ${relation}
    WHERE ${time} >= ${timeLiteral(from)} AND ${time} < ${timeLiteral(until)})`
}

/**
 * Snapshots: every key at each multiple of `everyMs` at which it had a row already. Keys of which a part is missing are
 * left out.
 */
export function snapshotSpine(
  { everyMs }: Pick<SnapshotSpine, 'everyMs'>,
  input: Range & { relation: string; datasetTimestamp: string; keys: Schema; timestamp: string },
): SpineRelation {
  const { relation, keys, from, until } = input
  const plan = { keys }
  const known = Object.keys(keys).map((name) => `${quoteName(name)} IS NOT NULL`)
  const time = quoteName(input.datasetTimestamp)
  const first = Math.ceil(from / everyMs)
  const end = Math.ceil(until / everyMs)
  return `(SELECT ${keyList(plan)}, make_timestamp(CAST(tick$ AS BIGINT) * ${BigInt(everyMs) * 1000n}) AS ${quoteName(input.timestamp)}, row$
    FROM (SELECT ${keyList(plan)}, epoch_us(first$) AS first$, row_number() OVER (ORDER BY ${keyList(plan)}) AS row$
      FROM (SELECT ${keyList(plan)}, min(${time}) AS first$ FROM ${relation}
        WHERE ${[`${time} IS NOT NULL`, ...known].join(' AND ')} GROUP BY ${keyList(plan)}))
    CROSS JOIN range(${first}, ${end}) AS ticks$(tick$)
    WHERE first$ <= tick$ * ${BigInt(everyMs) * 1000n})`
}
