import type { Lake } from '../../../ports/lake.ts'
import type { Rollout, VariantEvidence } from '../rollout.ts'
import type { LogRelations } from './relations.ts'

const nothing: VariantEvidence = { requests: 0, errors: 0, labelled: 0, logLoss: null }
/** As scikit-learn and @millrace/stats clip. */
const clip = Number.EPSILON

/**
 * What candidate and stable revision did after the millisecond in which the present step began: rows of that one may
 * still belong to the step before. A repeated id counts once per revision.
 * Stable rows are taken from the event days on which the candidate was asked, so both saw the same traffic.
 * Losses are summed as whole billionths: sums of floats would depend on the order in which threads meet them.
 */
export async function readEvidence(
  lake: Lake,
  relations: LogRelations,
  rollout: Pick<Rollout, 'candidate' | 'stable' | 'stepStartedAt'>,
): Promise<{ candidate: VariantEvidence; stable: VariantEvidence }> {
  const days = relations.listDaysOf(rollout.candidate)
  const [first] = days
  const last = days.at(-1)
  if (first === undefined || last === undefined) return { candidate: nothing, stable: nothing }
  const rows = await lake.rows<EvidenceRow>(`
    WITH p AS (
      SELECT id, revision, probability, error FROM (${relations.rawPredictions({
        from: Date.parse(first),
        until: Date.parse(last),
        revisions: [rollout.candidate, rollout.stable],
      })})
      WHERE id IS NOT NULL AND "at" > ${Math.floor(rollout.stepStartedAt)}
      QUALIFY row_number() OVER (PARTITION BY id, revision ORDER BY "at", "latencyUs") = 1
    ), losses AS (
      SELECT p.revision, p.error, f.label IN (0, 1) AND p.error IS NULL AND p.probability IS NOT NULL AS labelled,
        CASE WHEN f.label = 1 THEN -ln(greatest(p.probability, ${clip}))
             WHEN f.label = 0 THEN -ln(greatest(1 - p.probability, ${clip})) END AS loss
      FROM p LEFT JOIN (${relations.feedback()}) f ON f.id = p.id
    ), sums AS (
      SELECT revision, count(*) AS requests, count(error) AS errors, count(*) FILTER (labelled) AS labelled,
        count(nano) FILTER (labelled) AS n, sum(nano) FILTER (labelled) AS total,
        sum(nano * nano) FILTER (labelled) AS squares
      FROM (SELECT *, CAST(round(loss * 1e9) AS HUGEINT) AS nano FROM losses) GROUP BY revision
    )
    SELECT revision, requests, errors, labelled, CAST(total AS DOUBLE) / n / 1e9 AS mean,
      CASE WHEN n > 1 THEN CAST(n * squares - total * total AS DOUBLE) / n / (n - 1) / 1e18 ELSE 0 END AS variance
    FROM sums`)
  const of = (revision: number): VariantEvidence => {
    const row = rows.find((candidate) => candidate.revision === revision)
    if (!row) return nothing
    const { requests, errors, labelled, mean, variance } = row
    return { requests, errors, labelled, logLoss: mean === null ? null : { mean, variance } }
  }
  return { candidate: of(rollout.candidate), stable: of(rollout.stable) }
}

interface EvidenceRow {
  revision: number
  requests: number
  errors: number
  labelled: number
  mean: number | null
  variance: number
}
