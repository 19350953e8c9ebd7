import type { SamplerKind } from './sampler.ts'
import { autoKind } from './samplers/auto.ts'
import { cmaEsKind } from './samplers/cma-es/cma-es.ts'
import { gaussianProcessKind } from './samplers/gaussian-process/gaussian-process.ts'
import { gridKind } from './samplers/grid.ts'
import { nsga2Kind } from './samplers/nsga2/nsga2.ts'
import { quasiRandomKind } from './samplers/quasi-random.ts'
import { randomKind } from './samplers/random.ts'
import { tpeKind } from './samplers/tpe/tpe.ts'

const kinds: readonly SamplerKind[] = [
  randomKind,
  gridKind,
  quasiRandomKind,
  tpeKind,
  gaussianProcessKind,
  cmaEsKind,
  nsga2Kind,
  autoKind,
]

/** Throws a RangeError if there is no such sampler. */
export const findSampler = (name: string): SamplerKind => {
  const found = kinds.find(({ kind }) => kind === name)
  if (!found)
    throw new RangeError(
      `there is no sampler '${name}'; there are ${kinds.map(({ kind }) => kind).join(', ')}`,
    )
  return found
}
