import type { Lake } from '../../../ports/lake.ts'
import type { LogRelations } from './relations.ts'

/** What is in the logs of an endpoint. */
export interface LogSummary {
  /** Answered predictions, each id once. */
  predictions: number
  /** Rows on which a model failed. */
  failures: number
  /** Answers to ids that were answered before. */
  repeats: number
  /** Lines that cannot be read: torn by the end of a process before anything was acknowledged. */
  torn: number
  /** Ids with a label. */
  labels: number
  /** Labels of ids that were never predicted. */
  orphans: number
}

export async function readSummary(lake: Lake, relations: LogRelations): Promise<LogSummary> {
  const [row] = await lake.rows<LogSummary>(`
    WITH raw AS (SELECT id, error FROM (${relations.rawPredictions()})),
      answered AS (SELECT id FROM raw WHERE id IS NOT NULL AND error IS NULL),
      labels AS (SELECT id FROM (${relations.feedback()}))
    SELECT (SELECT count(DISTINCT id) FROM answered) AS predictions,
      (SELECT count(*) FROM raw WHERE error IS NOT NULL) AS failures,
      (SELECT count(*) - count(DISTINCT id) FROM answered) AS repeats,
      (SELECT count(*) FROM raw WHERE id IS NULL)
        + (SELECT count(*) FROM (${relations.rawFeedback()}) WHERE id IS NULL) AS torn,
      (SELECT count(*) FROM labels) AS labels,
      (SELECT count(*) FROM labels WHERE id NOT IN (SELECT id FROM answered)) AS orphans`)
  return row
}
