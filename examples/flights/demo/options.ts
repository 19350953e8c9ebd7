import { parseArgs } from 'node:util'

export interface DemoOptions {
  /** Leave the server running when the replay is over. */
  keep: boolean
  /** End with one line of JSON instead of the table. */
  json: boolean
  /** Add an obvious shift on top of the real ones: from June on all distances are doubled. */
  injectDrift: boolean
  /** The same loop on a month of flights, for a first look and for tests. */
  quick: boolean
  /** Days of traffic, from 2001-05-01 on. */
  days: number
  /** Every n-th flight becomes a request. */
  oneIn: number
  /** Where the server keeps its state; emptied at the start. */
  dir: string
  port: number
}

export const usage = `The whole loop on three million real flights: ingest, validate, features, train, gate, deploy,
two months of live traffic, late labels, drift, retraining, canary, promotion.

  npm run demo [-- options]

  --keep            leave the server running at the end, to look around
  --json            end with one line of JSON instead of the table
  --inject-drift    add an obvious shift: from the middle of the replay on every distance arrives doubled
  --quick           the same loop in half the time: models learn from a month, 14 days of traffic
  --days <n>        days of traffic from 2001-05-01 on (default 61, to 2001-06-30; quick: 14)
  --one-in <n>      every n-th flight becomes a request (default 25; quick: 40)
  --dir <folder>    state of the server, emptied at the start (default .millrace beside the example)
  --port <n>        port of the server (default: a free one)
  --help            this text
`

/** @throws TypeError with a line for the user if an option is unknown or not a number in its range. */
export function parseOptions(args: string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'inject-drift': { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      days: { type: 'string' },
      'one-in': { type: 'string' },
      dir: { type: 'string', default: `${import.meta.dirname}/../.millrace` },
      port: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const { quick } = values
  return {
    keep: values.keep,
    json: values.json,
    injectDrift: values['inject-drift'],
    quick,
    days: integer('--days', values.days ?? (quick ? '14' : '61'), 1, 61),
    oneIn: integer('--one-in', values['one-in'] ?? (quick ? '40' : '25'), 1, 10_000),
    dir: values.dir,
    port: integer('--port', values.port, 0, 65_535),
  }
}

function integer(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new TypeError(`${option} takes a whole number from ${min} to ${max}, got "${text}"`)
}
