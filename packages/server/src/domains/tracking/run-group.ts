import type { Page, PageInput } from '../../kernel/paging.ts'
import { textProblem } from './names.ts'

/**
 * The tag that is the run's group: runs that belong together, such as the workers of one training, the folds of a
 * cross-validation or the trials of a sweep. There is no other place where the group is kept.
 */
export const runGroupTag = 'millrace.runGroup'

const longestGroup = 200

/** Why a text is no name of a group. */
export function groupProblem(name: string): string | undefined {
  return typeof name === 'string' && name.trim() === '' ? 'it is empty' : textProblem(name, longestGroup)
}

/** The active runs of one experiment that name the same group. */
export interface RunGroup {
  name: string
  runs: number
  /** Runs that have not ended. */
  running: number
  failed: number
  /** Milliseconds; the first and the last start of a run. */
  firstStartedAt: number
  lastStartedAt: number
  /** By key; see `listRunGroups` for which. */
  metrics: GroupMetric[]
}

/** The latest values of one metric over the runs of a group; what is NaN or infinite does not count. */
export interface GroupMetric {
  key: string
  /** Runs with a finite value. */
  runs: number
  /** The least and the greatest value with a run that has it: which one is best depends on the metric. */
  min: { value: number; run: string }
  max: { value: number; run: string }
  /** Null if a value is beyond ±1e150, of which no squares can be summed. */
  mean: number | null
  /** Of a sample (n − 1); null for one run, and where `mean` is. */
  standardDeviation: number | null
}

/** Keys of metrics that are summarized for each group, the first by name. */
export const mostGroupMetrics = 100

export interface RunGroupService {
  /**
   * The group with the latest start first. Summarizes one `metric`, or the first 100 by name without it.
   * @throws `experiment.not_found`
   */
  listRunGroups(of: { experiment: string; metric?: string }, page?: PageInput): Promise<Page<RunGroup>>
}
