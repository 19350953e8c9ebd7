import { type Metric, toWireNumber } from './metric.ts'
import { isEnded, type Run } from './run.ts'
import type { TrackingService } from './service.ts'

export interface RunEvent {
  /** `run` when the run itself changed, `metrics` when values came, `end` as the last one; `idle` says nothing new. */
  event: 'run' | 'metrics' | 'end' | 'idle'
  data?: unknown
}

export interface TailOptions {
  signal: AbortSignal
  /** Resolves when it is time to look again; rejects or resolves early when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>
}

/**
 * Follows a run by looking at it again and again, so that what other processes write is seen, too. Tells everything at
 * first, then what has changed, until the run has ended or was deleted, or the signal aborts.
 * @throws `run.not_found`
 */
export async function* followRun(
  tracking: Pick<TrackingService, 'getRunInfo' | 'latestMetrics'>,
  run: string,
  { signal, wait }: TailOptions,
): AsyncGenerator<RunEvent> {
  let told: string | undefined
  let known = new Map<string, string>()
  while (!signal.aborted) {
    // The run is read first: values that came before its end are in what is read after it.
    const info = await tracking.getRunInfo(run)
    const metrics = await tracking.latestMetrics(run)
    const changed = metrics.filter((metric) => known.get(metric.key) !== stateOf(metric))
    if (changed.length > 0) {
      known = new Map(metrics.map((metric) => [metric.key, stateOf(metric)]))
      yield { event: 'metrics', data: changed.map((m) => ({ ...m, value: toWireNumber(m.value) })) }
    }
    const state = JSON.stringify(info)
    if (state !== told) yield { event: 'run', data: info }
    else if (changed.length === 0) yield { event: 'idle' }
    told = state
    if (isOver(info)) {
      yield { event: 'end', data: { status: info.status, lifecycleStage: info.lifecycleStage } }
      return
    }
    await wait(signal)
  }
}

function isOver({ status, lifecycleStage }: Run): boolean {
  return isEnded(status) || lifecycleStage === 'deleted'
}

function stateOf({ value, at, step, points }: Metric & { points: number }): string {
  return `${step}/${at}/${value}/${points}`
}
