import { classKinds } from './class-kinds.ts'
import type { MetricKind } from './metric.ts'
import { rankingKinds } from './ranking-kinds.ts'
import { regressionKinds } from './regression-kinds.ts'

/** Every metric, by kind. */
export const metricKinds: ReadonlyMap<string, MetricKind> = new Map(
  [...classKinds, ...regressionKinds, ...rankingKinds].map((kind) => [kind.kind, kind]),
)

/** Throws a RangeError that lists the kinds there are. */
export const getMetricKind = (kind: string): MetricKind => {
  const found = metricKinds.get(kind)
  if (!found)
    throw new RangeError(`there is no metric '${kind}'; there are ${[...metricKinds.keys()].join(', ')}`)
  return found
}
