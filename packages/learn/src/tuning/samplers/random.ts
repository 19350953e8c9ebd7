import { makeSpec, type OptionRules, resolveOptions } from '../../options.ts'
import type { Random } from '../../random.ts'
import type { History } from '../history.ts'
import type { Proposal, SamplerKind, SamplerSpec } from '../sampler.ts'
import { fromShare } from '../scale.ts'
import { drawUniform } from '../uniform.ts'

const rules: OptionRules<Record<never, never>> = {}

/** Every parameter by itself, uniform on its scale. */
export const randomSampler = (): SamplerSpec<'random'> => makeSpec('random', rules, {})

/** Nothing together: each dimension is drawn by itself. */
export const proposeRandom = ({ space }: History, random: Random): Proposal => ({
  joint: new Float64Array(space.dimensions.length).fill(Number.NaN),
  drawAlone: (index) => fromShare(space.dimensions[index], drawUniform(random)),
})

export const randomKind: SamplerKind = {
  kind: 'random',
  create(options) {
    resolveOptions('the random sampler', rules, options)
    return { propose: ({ history, random }) => proposeRandom(history, random) }
  },
}
