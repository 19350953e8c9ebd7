import { makeSpec, type OptionRules, resolveOptions } from '../../options.ts'
import { createRandom } from '../../random.ts'
import type { Proposal, SamplerContext, SamplerKind, SamplerSpec } from '../sampler.ts'
import { fromShare } from '../scale.ts'
import { sobolCoordinate, sobolDimensions } from '../sobol.ts'
import { proposeRandom } from './random.ts'

const rules: OptionRules<Record<never, never>> = {}

/**
 * Points that fill the space more evenly than random ones: trial n takes point n of a Sobol sequence with Owen's scrambling by
 * the seed. Parameters beyond the first 64 are random.
 */
export const quasiRandomSampler = (): SamplerSpec<'quasiRandom'> => makeSpec('quasiRandom', rules, {})

export const proposeQuasiRandom = ({ history, number, seed, random }: SamplerContext): Proposal => {
  const keys = createRandom(seed)
  const joint = Float64Array.from(history.space.dimensions, (dimension, index) =>
    index < sobolDimensions
      ? fromShare(dimension, sobolCoordinate(number, index, keys.uint32()))
      : Number.NaN,
  )
  return { ...proposeRandom(history, random), joint }
}

export const quasiRandomKind: SamplerKind = {
  kind: 'quasiRandom',
  create(options) {
    resolveOptions('the quasi-random sampler', rules, options)
    return { propose: proposeQuasiRandom }
  },
}
