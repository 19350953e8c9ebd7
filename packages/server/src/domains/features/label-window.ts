import type { LabelDefinition, LabelWindow, Schema } from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import { missingForNaN, sqlType, timeLiteral } from '../data/index.ts'
import { keyList, keysEqual } from './view-plan.ts'

/** The value of a label over the columns that its expression is about. */
export function labelValue({ type, sql }: LabelDefinition): string {
  const value = `CAST((${sql}\n) AS ${sqlType(type)})`
  return type === 'float64' ? missingForNaN(value) : value
}

interface LabelWindowInput {
  label: LabelDefinition & { window: LabelWindow }
  /** Of the entity: columns of spine and events. */
  keys: Schema
  /** The events' dataset version. */
  events: string
  /** A relation with the keys and the timestamp; a row of it is a row of the result. */
  spine: string
  timestamp: string
}

/**
 * SQL of the spine's rows with their label out of the events of the same key with `t < event time <= t + window`.
 *
 * - Events without a time, a key or a value say nothing. Of several first (last) events at the same microsecond the
 *   least (greatest) value counts.
 * - A window is over when there is an event of any key after its end. Until then the first event is known, but
 *   not that there is none, and neither the last nor the number of events.
 * - A row without a key has no label.
 */
export function joinLabelWindow(input: LabelWindowInput): string {
  const { label, keys, spine, timestamp } = input
  const { take, windowMs } = label.window
  const plan = { keys }
  const time = quoteName(label.window.timestamp)
  const own = ['us$', 'value$'].map((name) => `events$.${name}`)
  const [at, value] = own
  const start = `epoch_us(spine$.${quoteName(timestamp)})`
  const end = `(${start} + ${BigInt(windowMs) * 1000n})`
  const isOver = `${end} < over$.us$`
  const hasKey = Object.keys(keys).map((name) => `spine$.${quoteName(name)} IS NOT NULL`)
  const present = [
    `${time} IS NOT NULL`,
    'value$ IS NOT NULL',
    ...Object.keys(keys).map((name) => `${quoteName(name)} IS NOT NULL`),
  ]
  const counted = take === 'count'
  const found = `(SELECT ${keyList(plan)}, epoch_us(${time}) AS us$, ${counted ? 'count(*)' : take === 'first' ? 'min(value$)' : 'max(value$)'} AS value$
    FROM (SELECT *, ${counted ? `nullif((${label.sql}\n), false)` : labelValue(label)} AS value$ FROM ${input.events})
    WHERE ${present.join(' AND ')} GROUP BY ${keyList(plan)}, us$)`
  const match = `${keysEqual(plan, 'spine$', 'events$')}`
  const over = `(SELECT max(epoch_us(${time})) AS us$ FROM ${input.events}) AS over$`
  const name = quoteName(label.name)
  const type = sqlType(label.type)
  if (counted) {
    const running = `(SELECT ${keyList(plan)}, us$, sum(value$) OVER (PARTITION BY ${keyList(plan)} ORDER BY us$) AS value$ FROM ${found})`
    return `SELECT spine$.*, CASE WHEN ${[isOver, ...hasKey].join(' AND ')}
        THEN CAST(coalesce(events$.value$, 0) - coalesce(before$.value$, 0) AS ${type}) END AS ${name}
      FROM ${spine} AS spine$ CROSS JOIN ${over}
      ASOF LEFT JOIN ${running} AS events$ ON ${match} AND ${end} >= events$.us$
      ASOF LEFT JOIN ${running} AS before$ ON ${keysEqual(plan, 'spine$', 'before$')} AND ${start} >= before$.us$`
  }
  const nothing = `CASE WHEN ${[isOver, ...hasKey].join(' AND ')} THEN ${otherwiseLiteral(label)} END`
  const inside = take === 'first' ? `${at} <= ${end}` : `${at} > ${start}`
  const known = take === 'first' ? value : `CASE WHEN ${isOver} THEN ${value} END`
  return `SELECT spine$.*, CASE WHEN ${inside} THEN ${known} ELSE ${nothing} END AS ${name}
    FROM ${spine} AS spine$ CROSS JOIN ${over}
    ASOF LEFT JOIN ${found} AS events$ ON ${match} AND ${take === 'first' ? `${start} < ${at}` : `${end} >= ${at}`}`
}

function otherwiseLiteral({ type, window }: LabelDefinition): string {
  const otherwise = window?.otherwise
  if (otherwise === undefined) return 'NULL'
  if (typeof otherwise === 'string') return quoteText(otherwise)
  if (type === 'timestamp') return timeLiteral(Number(otherwise))
  return type === 'float64' ? `'${otherwise}'::DOUBLE` : String(otherwise)
}
