import { createSoloTeam, type JobMaker, type Team } from './team.ts'
import { binningJob } from './trees/binning.ts'
import { boostingJob } from './trees/boosting/step.ts'
import { edgeJob } from './trees/edge-work.ts'
import { forestJob } from './trees/forest/grow-tree.ts'

const makers: ReadonlyMap<string, JobMaker<never>> = new Map<string, JobMaker<never>>([
  ['bin-edges', edgeJob],
  ['binning', binningJob],
  ['boosting', boostingJob],
  ['forest', forestJob],
])

/** Finds how to do a kind of job; throws a RangeError if there is none of this name. */
export const getJobMaker = (kind: string): JobMaker<never> => {
  const found = makers.get(kind)
  if (!found) throw new RangeError(`there is no job '${kind}'`)
  return found
}

/** The team that was given, or the calling thread alone. */
export const resolveTeam = (team: Team | undefined): Team => team ?? createSoloTeam(getJobMaker)
