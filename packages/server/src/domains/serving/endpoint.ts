import type { Rollout } from './rollout.ts'

export interface ModelVersionRef {
  model: string
  version: number
}

/** What an endpoint was told to serve, once; never changed afterwards. */
export interface Revision extends ModelVersionRef {
  endpoint: string
  /** 1, 2, … within the endpoint. */
  revision: number
  /** Digest of the model's manifest. */
  manifest: string
  /** Content hash of the feature service's definition when it was deployed. */
  serviceHash: string
  reason: string
  /** What makes the deployment idempotent, e.g. `<pipeline run>/<node>`; null if it was done by hand. */
  requestKey: string | null
  createdAt: number
}

/** What changes about an endpoint: which revision is stable, and the rollout of the next one. */
export interface EndpointState {
  endpoint: string
  /** Part of what assigns a prediction id to a variant. */
  salt: string
  stable: number
  /** The newest rollout, in progress or over; null before the second deployment. */
  rollout: Rollout | null
  /** Grows with every change, so that a serving process can see cheaply that there is something to do. */
  changes: number
}

/** The part that a revision plays for one prediction. */
export type Variant = 'stable' | 'candidate'

/** A model version as text: `model/version`. */
export function formatModelVersion({ model, version }: ModelVersionRef): string {
  return `${model}/${version}`
}
