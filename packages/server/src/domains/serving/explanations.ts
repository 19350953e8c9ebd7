import { fail } from '@millrace/protocol'
import type { Settled } from './batcher.ts'
import type { Explanation } from './explainer.ts'
import type { ServingMetrics } from './metrics.ts'
import { type Answer, type Routing, variantOf } from './predictor.ts'
import type { PredictRequest } from './request.ts'

export interface ExplanationRequest extends PredictRequest {
  /** The id came with the request, and names a prediction. */
  named: boolean
  /** The most contributions to give. */
  top: number
}

/** An answer and why it is so; without an id if the request had none. */
export interface ExplainedAnswer extends Omit<Answer, 'id'> {
  id?: string
  explanation: Explanation
}

/**
 * Explains what the endpoint predicts for a row; nothing is logged. A request with an id is explained by the revision
 * that answers this id at the moment, others by the stable one.
 */
export async function answerExplanation(
  { endpoint, metrics }: { endpoint: string; metrics: ServingMetrics },
  routing: Routing,
  request: ExplanationRequest,
): Promise<Settled<ExplainedAnswer>> {
  try {
    const value = await explainRow(endpoint, routing, request)
    metrics.countExplanations(endpoint, 'ok')
    return { ok: true, value }
  } catch (error) {
    metrics.countExplanations(endpoint, 'failed')
    return { ok: false, error }
  }
}

async function explainRow(
  endpoint: string,
  routing: Routing,
  { id, inputs, named, top }: ExplanationRequest,
): Promise<ExplainedAnswer> {
  const isForCandidate = named && variantOf(routing, id) === 'candidate'
  const loaded = (isForCandidate && routing.candidate) || routing.stable
  const { modelVersion, revision } = loaded
  const explainer = await loaded.explainer()
  if (typeof explainer === 'string') {
    throw fail('endpoint.not_explained', { endpoint, modelVersion, reason: explainer })
  }
  const [found] = await loaded.lookup.read([inputs])
  if (!found.ok) throw found.error
  const { degraded } = found.value
  try {
    return {
      ...(named && { id }),
      ...explainer.explain(found.value, top),
      modelVersion,
      revision,
      ...(degraded.length > 0 && { degraded }),
    }
  } catch (error) {
    const reason = (error as Error).message
    throw fail('endpoint.prediction_failed', { endpoint, modelVersion, reason }, error)
  }
}
