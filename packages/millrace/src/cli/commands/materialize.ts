import type { MaterializeInput, RunningMaterialization } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { createCounter } from '../counter.ts'
import { formatBar, formatDuration, formatTime } from '../format.ts'
import { parseParams } from '../params.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface MaterializeFlags extends ClientFlags {
  from?: string
  until?: string
  every?: string
  cancel?: boolean
}

export function addMaterialize(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('materialize'))
    .description('bring the online values of a feature view to what was known at a time')
    .argument('<view>', 'name of the feature view')
    .option('--until <time>', 'event time, such as 2001-05-01 or 2001-05-01T12:00:00Z; default: now')
    .option('--from <time>', 'write what became known from then on once more, whatever was written before')
    .option('--every <length>', 'work in intervals of this length, such as 12h or 30d; what is done is kept')
    .option('--cancel', 'end what is at work on the view')
    .addHelpText(
      'after',
      `
Without --from, what is missing is written. A call that was cancelled, or ended with the server, goes on where it
stopped when it is made again: after the last whole interval.

Examples:
  millrace materialize airport_delays
  millrace materialize airport_delays --until 2001-05-01
  millrace materialize airport_delays --from 2001-01-01 --until 2001-04-01 --every 7d`,
    )
    .action(async (view: string, { from, until, every, cancel, ...flags }: MaterializeFlags) => {
      const calls = clientOf(flags, terminal).featureViews
      if (cancel) {
        const answer = await calls.cancelMaterialization(view)
        const text = answer.cancelled ? 'cancelled; the next call goes on' : 'nothing is at work'
        return terminal.out(flags.json ? jsonLine(answer) : `${view}: ${text}\n`)
      }
      const input: MaterializeInput = {
        until: until === undefined ? undefined : timeOf('until', until),
        from: from === undefined ? undefined : timeOf('from', from),
        everyMs: every === undefined ? undefined : lengthOf(every),
      }
      const counter = createCounter(terminal, flags.json)
      const result = await calls
        .materializeInBackground(view, input, {
          onProgress: (running, now) => counter.show(progressLine(running, now)),
        })
        .finally(counter.end)
      terminal.out(
        flags.json
          ? jsonLine(result)
          : `${view}: ${result.rows} keys written, with what was known until ${formatTime(result.until)}\n`,
      )
    })
}

/** Such as `spending  █████░░░░░ 12/24 intervals, 31000 rows, 15500 rows/s, 3.1 s left`. */
export function progressLine(running: RunningMaterialization, now: number): string {
  const { view, rows, intervals, intervalsDone } = running
  const took = Math.max(1, now - running.startedAt)
  const parts = [`${rows} rows`, `${Math.round((rows / took) * 1000)} rows/s`]
  if (intervals === 1) return `${view}  ${parts.join(', ')}`
  if (intervalsDone > 0) {
    parts.push(`${formatDuration((took / intervalsDone) * (intervals - intervalsDone))} left`)
  }
  const bar = formatBar(intervalsDone / intervals, 20)
  return `${view}  ${bar} ${intervalsDone}/${intervals} intervals, ${parts.join(', ')}`
}

function timeOf(name: string, text: string): number {
  const time = { name: 'materialize', params: { [name]: { type: 'timestamp' as const } } }
  return parseParams(time, [`${name}=${text}`])[name] as number
}

function lengthOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count === undefined) throw usageError(`--every takes a length such as 12h or 30d, got "${text}"`)
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd']
  return Number(count) * seconds * 1000
}
