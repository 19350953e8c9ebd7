import type { Random } from '../random.ts'
import type { History } from './history.ts'

/** Which sampler a study uses, as plain data. */
export interface SamplerSpec<K extends string = string> {
  readonly kind: K
  readonly options: Readonly<Record<string, unknown>>
}

export interface SamplerContext {
  readonly history: History
  /** Of the trial that asks. */
  readonly number: number
  /** Of the study. */
  readonly seed: number
  /** Random numbers of this trial alone. */
  readonly random: Random
}

export interface Proposal {
  /** Values of dimensions that were chosen together, NaN where there is none; those that turn out not to exist are dropped. */
  readonly joint: Float64Array
  /** A value of a dimension that was not chosen together with others. */
  readonly drawAlone: (index: number) => number
  /** Kept with the trial by samplers that have generations. */
  readonly generation?: number
}

/** A way to choose parameters. It has no state: what it proposes depends on its options and the context only. */
export interface Sampler {
  /** Null when there is nothing left to try. Throws a RangeError if it cannot search this space, or for these objectives. */
  readonly propose: (context: SamplerContext) => Proposal | null
}

export interface SamplerKind {
  readonly kind: string
  /** Throws a RangeError that names an option that is wrong. */
  readonly create: (options: SamplerSpec['options']) => Sampler
}
