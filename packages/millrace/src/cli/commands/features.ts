import type { FeatureRow, FeatureSelection } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatTable, formatTime } from '../format.ts'
import { type JsonRow, readJsonRows } from '../json-rows.ts'
import { parseParams } from '../params.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'
import { addFeatureLooks } from './feature-looks.ts'
import { addProfile } from './features-profile.ts'

interface GetFlags extends ClientFlags {
  keys?: string
  file?: string
  at?: string
  fullNames?: boolean
}

interface PushFlags extends ClientFlags {
  row?: string
  file?: string
  to: string
}

/** Rows that the server takes at once. */
const maxRows = 10_000

export function addFeatures(program: Command, terminal: Terminal): void {
  const command = program
    .command('features')
    .description('find features, read them as serving does, and push rows')
    .helpCommand(false)

  addFeatureLooks(command, terminal)

  withClientOptions(command.command('get'))
    .description('read features of entities out of the online store')
    .argument('<what...>', 'features as <view>:<feature>, or the name of one feature service')
    .option('--keys <json>', 'keys of one entity, as a JSON object')
    .option('--file <file>', 'keys in a file: a JSON object, a JSON array of them, or one a line')
    .option('--at <time>', 'as of when, such as 2001-05-01T12:00:00Z; default: now')
    .option('--full-names', 'names as <view>__<feature>')
    .addHelpText(
      'after',
      `
Examples:
  millrace features get airport_delays:avg_delay_6h airport_delays:departures_1h --keys '{"origin":"JFK"}'
  millrace features get delay_features --file airports.ndjson --at 2001-05-01 --json`,
    )
    .action(async (what: string[], flags: GetFlags) => {
      const { keys, file, fullNames } = flags
      const rows = await readJsonRows({ option: '--keys', json: keys, file }, terminal.cwd)
      const at = flags.at === undefined ? undefined : timeOf(flags.at)
      const client = clientOf(flags, terminal)
      const found: FeatureRow[] = []
      for (let start = 0; start < rows.length; start += maxRows) {
        const some = { ...selectionOf(what), rows: rows.slice(start, start + maxRows), at, fullNames }
        found.push(...(await client.onlineFeatures.get(some)))
      }
      if (flags.json) for (const row of found) terminal.out(jsonLine(row))
      else terminal.out(found.length === 1 && found[0] ? describeRow(found[0]) : describeRows(rows, found))
    })

  withClientOptions(command.command('push'))
    .description('push rows of the dataset of a feature view to the online store, the dataset, or both')
    .argument('<view>', 'name of the feature view')
    .option('--row <json>', 'one row, as a JSON object')
    .option('--file <file>', 'rows in a file: a JSON object, a JSON array of them, or one a line')
    .option('--to <where>', 'online, offline or both', 'both')
    .addHelpText(
      'after',
      `
Each call of more than 10,000 rows is several pushes.

Example:
  millrace features push airport_delays --file flights.ndjson --to online`,
    )
    .action(async (view: string, flags: PushFlags) => {
      const { row, file, to } = flags
      if (to !== 'online' && to !== 'offline' && to !== 'both') {
        throw usageError(`--to takes online, offline or both, got "${to}"`)
      }
      const rows = await readJsonRows({ option: '--row', json: row, file }, terminal.cwd)
      const client = clientOf(flags, terminal)
      for (let start = 0; start < rows.length; start += maxRows) {
        const pushed = await client.featureViews.push(view, { rows: rows.slice(start, start + maxRows), to })
        const { online, offline } = pushed
        const places = [
          ...(online ? [`${online.keys} keys online`] : []),
          ...(offline ? [`version ${offline.version} of ${offline.dataset}`] : []),
        ]
        terminal.out(flags.json ? jsonLine(pushed) : `${view}: ${pushed.rows} rows, ${places.join(', ')}\n`)
      }
    })

  addClean(command, terminal)
  addProfile(command, terminal)
}

function addClean(command: Command, terminal: Terminal): void {
  withClientOptions(command.command('clean'))
    .description('remove rows that are older than the ttl of a feature view from the online store')
    .argument('<view>', 'name of the feature view')
    .addHelpText('after', '\nExample:\n  millrace features clean airport_delays')
    .action(async (view: string, flags: ClientFlags) => {
      const done = await clientOf(flags, terminal).featureViews.removeExpired(view)
      terminal.out(flags.json ? jsonLine(done) : `${view}: ${done.removed} rows removed\n`)
    })
}

function selectionOf(what: readonly string[]): FeatureSelection {
  const [first] = what
  if (what.length === 1 && first !== undefined && !first.includes(':')) return { service: first }
  return { features: what }
}

function timeOf(text: string): number {
  const time = { name: 'features get', params: { at: { type: 'timestamp' as const } } }
  return parseParams(time, [`at=${text}`]).at as number
}

function describeRow({ values, statuses, eventTimes }: FeatureRow): string {
  return formatTable(
    ['feature', 'value', 'status', 'as of'],
    Object.keys(values).map((name) => {
      const time = eventTimes[name] ?? null
      return [name, textOf(values[name]), statuses[name] ?? '', time === null ? '' : formatTime(time)]
    }),
  )
}

function describeRows(rows: readonly JsonRow[], found: readonly FeatureRow[]): string {
  const keys = Object.keys(rows[0] ?? {})
  const names = Object.keys(found[0]?.values ?? {}).filter((name) => !keys.includes(name))
  return formatTable(
    [...keys, ...names],
    found.map(({ values, statuses }, i) => [
      ...keys.map((key) => textOf(rows[i]?.[key])),
      ...names.map((name) => (statuses[name] === 'PRESENT' ? textOf(values[name]) : (statuses[name] ?? ''))),
    ]),
  )
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '-' : String(value)
}
