import type { Client } from '@millrace/client'
import { airportDelays, lateness } from '../definitions.ts'
import { daily } from '../pipelines.ts'
import type { Flight, FlightStream } from './flights-stream.ts'
import { followRun } from './follow-run.ts'
import type { Progress } from './progress.ts'
import type { Traffic } from './traffic.ts'

const hour = 3_600_000
const day = 24 * hour

/**
 * Replays days of traffic. Within a day: every hour the online features are brought up to date, then the hour's
 * flights are asked for. At its end the labels of the day before arrive, the rollout and the monitor are evaluated,
 * and if a retraining was decided the replay waits for it: in the replay's time it takes no time.
 */
export async function replay(
  world: { client: Client; traffic: Traffic; flights: FlightStream; progress: Progress },
  range: { from: number; days: number },
): Promise<void> {
  const { client, traffic, flights, progress } = world
  let yesterday: Flight[] = []
  let seen = 0
  let expected = 0
  const followed = new Set<string>()
  const title = 'replaying live traffic'
  progress.stage(title)
  const last = range.from + range.days * day
  // One day more than there is traffic: the labels of the last day arrive, too.
  for (let start = range.from; start <= last; start += day) {
    const today = start < last ? await flights.day(new Date(start)) : []
    expected = Math.round(((seen + today.length) / ((start - range.from) / day + 1)) * range.days)
    for (let at = start; at < start + day; at += hour) {
      const now = today.filter((flight) => flight.date.getTime() >= at && flight.date.getTime() < at + hour)
      if (now.length === 0) continue
      await client.featureViews.materialize(airportDelays.name, { until: at })
      await traffic.send(now)
      seen += now.length
      progress.update(seen, expected, 'requests')
    }
    const end = start + day
    await traffic.tell(yesterday, end)
    yesterday = today
    await client.endpoints.evaluateRollout(lateness.name)
    await client.monitors.evaluate(daily.name, Math.min(end, last))
    for (const { pipelineRun, decidedFor, reason } of await retrainings(client)) {
      if (followed.has(pipelineRun)) continue
      followed.add(pipelineRun)
      progress.note(`${isoDay(decidedFor - day)}: retraining, because the model ${reason}`)
      await followRun(client, pipelineRun, progress)
      progress.stage(title)
    }
  }
  progress.end()
}

/** All that were decided so far, also by an evaluation whose answer was lost with the server. */
async function retrainings(client: Client) {
  const { items } = await client.monitors.decisions(daily.name)
  return items.flatMap((decision) => {
    if (decision.action !== 'retrain') return []
    if (!decision.pipelineRun) throw new Error('the retraining was decided but not started')
    return { ...decision, pipelineRun: decision.pipelineRun }
  })
}

export function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
