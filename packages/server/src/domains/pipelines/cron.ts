import type { PipelineSchedule } from '@millrace/protocol'
import { Cron } from 'croner'

type Times = Pick<PipelineSchedule, 'cron' | 'timezone'>

function open({ cron, timezone }: Times): Cron {
  return new Cron(cron, { timezone, mode: '5-part', paused: true })
}

/** Why times cannot be understood, or never come; undefined if they do. */
export function whyNotCron(times: Times): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: times.timezone })
  } catch {
    return `there is no time zone "${times.timezone}"; give an IANA name such as Europe/Berlin`
  }
  try {
    if (open(times).nextRun(new Date(0))) return undefined
    return `"${times.cron}" never comes`
  } catch (error) {
    const { message } = error as Error
    return `"${times.cron}" is no cron expression of five fields: ${message.replace(/^CronPattern: /, '')}`
  }
}

/**
 * The first time after the given one, in milliseconds. A local time that the clocks pass over comes when they have, and one
 * that they show twice comes once.
 */
export function nextTime(times: Times, after: number): number | undefined {
  return open(times).nextRun(new Date(after))?.getTime()
}

/**
 * Times after `after` and up to `until`, oldest first; the newest ones where there are more than `limit`. Counted backwards:
 * a year of minutes would take half a minute.
 */
export function timesBetween(
  times: Times,
  { after, until, limit }: { after: number; until: number; limit: number },
): number[] {
  const found: number[] = []
  // Times are whole seconds, and that of the reference is not among those before it.
  let before = new Date(Math.floor(until / 1000) * 1000 + 1000)
  while (found.length < limit) {
    const [last] = open(times).previousRuns(1, before)
    if (!last || last.getTime() <= after) break
    found.push(last.getTime())
    before = last
  }
  return found.reverse()
}
