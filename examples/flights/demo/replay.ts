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
  const title = 'replaying live traffic'
  progress.stage(title)
  for (let i = 0; i < range.days; i++) {
    const start = range.from + i * day
    const today = await flights.day(new Date(start))
    expected = Math.round(((seen + today.length) / (i + 1)) * range.days)
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
    const { decisions } = await client.monitors.evaluate(daily.name, end)
    for (const decision of decisions) {
      if (decision.action !== 'retrain') continue
      progress.note(`${isoDay(decision.decidedFor - day)}: retraining, because the model ${decision.reason}`)
      const run = await findRetraining(client, decision.windowStart)
      await followRun(client, run, progress)
      progress.stage(title)
    }
  }
  progress.end()
}

async function findRetraining(client: Client, windowStart: number): Promise<string> {
  const { items } = await client.monitors.decisions(daily.name)
  const run = items.find((decision) => decision.windowStart === windowStart)?.pipelineRun
  if (!run) throw new Error('the retraining was decided but not started')
  return run
}

export function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
