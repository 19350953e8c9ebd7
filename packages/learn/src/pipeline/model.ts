import type { Model } from '../model.ts'
import type { FittedTransformer } from '../transformer.ts'

/** Columns that go through the same steps. */
export interface FittedGroup {
  readonly columns: readonly string[]
  readonly steps: readonly FittedTransformer[]
}

export interface PipelineModel extends Model {
  readonly kind: 'pipeline'
  /** What comes out of the groups, in their order, goes into the learner. */
  readonly groups: readonly FittedGroup[]
  readonly learner: Model
}
