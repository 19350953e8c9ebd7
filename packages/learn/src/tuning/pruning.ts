import { compareNumbers } from './compare.ts'
import { readSigns } from './history.ts'
import type { Pruner, PrunerKind, PrunerSpec, Reports } from './pruner.ts'
import { hyperbandKind } from './pruners/hyperband.ts'
import { patienceKind } from './pruners/patience.ts'
import { medianKind, percentileKind } from './pruners/percentile.ts'
import { successiveHalvingKind } from './pruners/successive-halving.ts'
import { thresholdKind } from './pruners/threshold.ts'
import type { Direction, Trial } from './trial.ts'

const kinds: readonly PrunerKind[] = [
  medianKind,
  percentileKind,
  successiveHalvingKind,
  hyperbandKind,
  patienceKind,
  thresholdKind,
]

/** What a pruner looks at of a trial. */
export type PrunedTrial = Pick<Trial, 'number' | 'state' | 'intermediateValues'>

const createPruner = ({ kind, options }: PrunerSpec): Pruner => {
  const found = kinds.find((own) => own.kind === kind)
  if (!found)
    throw new RangeError(`there is no pruner '${kind}'; there are ${kinds.map((own) => own.kind).join(', ')}`)
  return found.create(options, createPruner)
}

/** Of values at the same step the last counts. */
const readReports = ({ number, state, intermediateValues = [] }: PrunedTrial, sign: number): Reports => {
  const wrong = intermediateValues.find(({ step }) => !(step >= 0 && step < Infinity))
  if (wrong)
    throw new RangeError(`trial ${number} reported at step ${wrong.step}; steps are finite and not negative`)
  // Most report in order, and studies have many values.
  const ascending = intermediateValues.every(
    ({ step }, at) => at === 0 || step > intermediateValues[at - 1].step,
  )
  const sorted = ascending
    ? intermediateValues
    : [...new Map(intermediateValues.map((own) => [own.step, own])).values()].sort((a, b) =>
        compareNumbers(a.step, b.step),
      )
  return {
    number,
    state,
    steps: Float64Array.from(sorted, ({ step }) => step),
    losses: Float64Array.from(sorted, ({ value }) => sign * value),
  }
}

/** Throws a RangeError that names what is wrong with a pruner or its options. */
export const checkPruner = (pruner: PrunerSpec): void => {
  createPruner(pruner)
}

/**
 * Whether trial `number`, after its last intermediate value, should stop because it does not look promising; to be asked after
 * each. Looks at the values of all trials, whatever their state, and keeps nothing. Only for a study of one objective. Throws a
 * RangeError if there is no such trial, and if the pruner is wrong.
 */
export const shouldPrune = (
  pruner: PrunerSpec,
  direction: Direction,
  trials: readonly PrunedTrial[],
  number: number,
): boolean => {
  const [sign] = readSigns([direction])
  const { shouldPrune: decide } = createPruner(pruner)
  const reports = trials.map((trial) => readReports(trial, sign))
  const own = reports.find((trial) => trial.number === number)
  if (!own) throw new RangeError(`there is no trial ${number}`)
  return own.steps.length > 0 && decide(own, reports, sign)
}
