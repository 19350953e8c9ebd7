import type { LearnerKind } from './learner.ts'

/** Every learner, by kind. */
export const learnerKinds: ReadonlyMap<string, LearnerKind> = new Map<string, LearnerKind>()

/** Throws a RangeError that lists the kinds there are. */
export const getLearnerKind = (kind: string): LearnerKind => {
  const found = learnerKinds.get(kind)
  if (!found)
    throw new RangeError(`there is no learner '${kind}'; there are ${[...learnerKinds.keys()].join(', ')}`)
  return found
}
