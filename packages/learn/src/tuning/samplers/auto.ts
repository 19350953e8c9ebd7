import { makeSpec, type OptionRules, resolveOptions } from '../../options.ts'
import { isFinished } from '../history.ts'
import type { SamplerKind, SamplerSpec } from '../sampler.ts'
import { isSmooth } from './gaussian-process/encoding.ts'
import { gaussianProcessKind } from './gaussian-process/gaussian-process.ts'
import { tpeKind } from './tpe/tpe.ts'

const rules: OptionRules<Record<never, never>> = {}

/** Beyond so many trials a Gaussian process takes long, and TPE has learnt enough. */
const mostTrials = 200
/** In more dimensions distances say little. */
const mostParameters = 20

/**
 * The sampler that suits the study: a Gaussian process for one objective over at most 20 parameters without conditions, at least
 * half of them with more than 16 values in order, for the first 200 trials; else TPE.
 */
export const autoSampler = (): SamplerSpec<'auto'> => makeSpec('auto', rules, {})

export const autoKind: SamplerKind = {
  kind: 'auto',
  create(options) {
    resolveOptions('the auto sampler', rules, options)
    const process = gaussianProcessKind.create({})
    const tpe = tpeKind.create({})
    return {
      propose(context) {
        const { space, objectives, observations } = context.history
        const { dimensions } = space
        const smooth = dimensions.filter(isSmooth).length
        const suits =
          objectives === 1 &&
          dimensions.length <= mostParameters &&
          smooth * 2 >= dimensions.length &&
          dimensions.every(({ parents }) => parents.length === 0) &&
          observations.filter(isFinished).length < mostTrials
        return (suits ? process : tpe).propose(context)
      },
    }
  },
}
