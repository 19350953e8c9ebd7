import type { SamplerKind } from './sampler.ts'
import { gaussianProcessKind } from './samplers/gaussian-process/gaussian-process.ts'
import { gridKind } from './samplers/grid.ts'
import { quasiRandomKind } from './samplers/quasi-random.ts'
import { randomKind } from './samplers/random.ts'
import { tpeKind } from './samplers/tpe/tpe.ts'

const kinds: readonly SamplerKind[] = [randomKind, gridKind, quasiRandomKind, tpeKind, gaussianProcessKind]

/** Throws a RangeError if there is no such sampler. */
export const findSampler = (name: string): SamplerKind => {
  const found = kinds.find(({ kind }) => kind === name)
  if (!found)
    throw new RangeError(
      `there is no sampler '${name}'; there are ${kinds.map(({ kind }) => kind).join(', ')}`,
    )
  return found
}
