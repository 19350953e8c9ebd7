import type { Step } from '../step.ts'
import { artifacts } from './artifacts.ts'
import { experiments } from './experiments.ts'
import { loggedModels } from './models.ts'
import { others } from './others.ts'
import { registry } from './registry.ts'
import { runEntries } from './run-entries.ts'
import { runSearch } from './run-search.ts'
import { endOfRuns, runs } from './runs.ts'
import { experimentSearch } from './searches.ts'

/** All steps in the order in which they are sent; later groups use what earlier ones made. */
export const groups: Readonly<Record<string, readonly Step[]>> = {
  ...prefixed('experiments', experiments),
  'experiments/searching': experimentSearch,
  ...prefixed('runs', { ...runs, ...runEntries, ...endOfRuns }),
  ...prefixed('runs/search', runSearch),
  ...prefixed('logged models', loggedModels),
  ...prefixed('registry', registry),
  ...prefixed('artifacts', artifacts),
  ...others,
}

function prefixed(prefix: string, parts: Record<string, readonly Step[]>): Record<string, readonly Step[]> {
  return Object.fromEntries(Object.entries(parts).map(([name, steps]) => [`${prefix}/${name}`, steps]))
}
