import { join } from 'node:path'
import type { Schema } from '@millrace/protocol'
import { readSegments, structOf } from '../../../kernel/segment-rows.ts'
import { dayOf, listNames, listSegments } from '../../../kernel/segments.ts'
import { quoteText } from '../../../kernel/sql.ts'
import type { Variant } from '../endpoint.ts'
import { logFolders } from './paths.ts'

export interface RowFilter {
  /** Event time, milliseconds, `from <= t < until`. */
  from?: number
  until?: number
  /** Answered at or after, milliseconds. */
  since?: number
  revisions?: readonly number[]
  variant?: Variant
}

/** SQL for the lake over the logs of one endpoint: each text is a relation, to be put into FROM (…). */
export interface LogRelations {
  /** Every line, failed and repeated ones too; lines that cannot be read are rows without an id. */
  rawPredictions(filter?: RowFilter): string
  /** Answered predictions, each id once: the first answer counts. */
  predictions(filter?: RowFilter): string
  /** The newest label of each id: by the time given with it, then by arrival. */
  feedback(): string
  rawFeedback(): string
  /** Answered predictions with `truth`, null where no label has arrived. */
  joined(filter?: RowFilter): string
  /** Event days with predictions, `YYYY-MM-DD`, ascending. */
  listDays(): string[]
  /** Event days on which this revision was asked. */
  listDaysOf(revision: number): string[]
}

/**
 * Reads the segments that are there now; what the requests said only if the columns of `inputs` are given. Of predictions only those whose event day can match; feedback arrives at
 * any time after its prediction, so all of it is read.
 */
export function createLogRelations(
  logDir: string,
  endpoint: string,
  features: Schema,
  inputs?: Schema,
): LogRelations {
  const folders = logFolders(logDir, endpoint)
  const columns = predictionColumns(features, inputs)

  function rawPredictions(filter: RowFilter = {}): string {
    const partitions = listNames(folders.predictions)
      .filter((day) => filter.from === undefined || day >= dayOf(filter.from))
      .filter((day) => filter.until === undefined || day <= dayOf(filter.until))
      .flatMap((day) => listNames(join(folders.predictions, day)).map((revision) => `${day}/${revision}`))
      .filter((partition) => !filter.revisions || filter.revisions.includes(revisionOf(partition)))
    return readSegments(listSegments(folders.predictions, partitions), columns)
  }

  function predictions(filter: RowFilter = {}): string {
    const conditions = ['id IS NOT NULL', 'error IS NULL']
    if (filter.from !== undefined) conditions.push(`"eventTime" >= ${number(filter.from)}`)
    if (filter.until !== undefined) conditions.push(`"eventTime" < ${number(filter.until)}`)
    if (filter.since !== undefined) conditions.push(`"at" >= ${number(filter.since)}`)
    if (filter.variant) conditions.push(`variant = ${quoteText(filter.variant)}`)
    return `SELECT * FROM (${rawPredictions(filter)}) WHERE ${conditions.join(' AND ')}
      QUALIFY row_number() OVER (PARTITION BY id ORDER BY "at", "latencyUs", revision) = 1`
  }

  const rawFeedback = () =>
    readSegments(listSegments(folders.feedback, listNames(folders.feedback)), feedbackColumns)

  const feedback = () =>
    `SELECT id, arg_max(label, row("at", received)) AS label, max("at") AS "at"
      FROM (${rawFeedback()}) WHERE id IS NOT NULL GROUP BY id`

  return {
    rawPredictions,
    predictions,
    rawFeedback,
    feedback,
    joined: (filter) =>
      `SELECT p.*, f.label AS truth FROM (${predictions(filter)}) p LEFT JOIN (${feedback()}) f ON f.id = p.id`,
    listDays: () => listNames(folders.predictions),
    listDaysOf: (revision) =>
      listNames(folders.predictions).filter((day) =>
        listNames(join(folders.predictions, day)).includes(`r${revision}`),
      ),
  }
}

const feedbackColumns = { id: 'VARCHAR', label: 'DOUBLE', at: 'BIGINT', received: 'BIGINT' }

function predictionColumns(features: Schema, inputs?: Schema): Record<string, string> {
  return {
    id: 'VARCHAR',
    at: 'BIGINT',
    eventTime: 'BIGINT',
    ...(inputs && { inputs: structOf(inputs) }),
    features: structOf(features),
    probability: 'DOUBLE',
    label: 'BIGINT',
    value: 'DOUBLE',
    class: 'VARCHAR',
    modelVersion: 'VARCHAR',
    revision: 'BIGINT',
    variant: 'VARCHAR',
    latencyUs: 'BIGINT',
    degraded: 'VARCHAR[]',
    error: 'VARCHAR',
  }
}

function revisionOf(partition: string): number {
  return Number(partition.slice(partition.lastIndexOf('/r') + 2))
}

function number(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`A time in milliseconds is needed, got ${value}`)
  return String(Math.ceil(value))
}
