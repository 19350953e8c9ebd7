import { fail } from '@millrace/protocol'
import { isExperimentId } from '../experiment-store.ts'

/** Each is a parameter of the statement; no engine takes more than 32,766. */
const mostExperiments = 20_000

/**
 * The experiments that a search is limited to, each once. What is no id of an experiment names none.
 * @throws `search.invalid` for more than 20,000
 */
export function experimentNumbers(ids: readonly string[]): number[] {
  if (ids.length > mostExperiments) {
    const reason = `The search names ${ids.length} experiments, at most ${mostExperiments} are accepted; search all of them and filter`
    throw fail('search.invalid', { reason })
  }
  return [...new Set(ids.filter(isExperimentId).map(Number))]
}
