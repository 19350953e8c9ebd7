import { parseArgs } from 'node:util'

export interface DemoOptions {
  /** Leave the server running when the replay is over. */
  keep: boolean
  /** End with one line of JSON instead of the table. */
  json: boolean
  /** Add an obvious shift on top of the real ones: from June on all distances are doubled. */
  injectDrift: boolean
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
  --inject-drift    add an obvious shift: from June on every distance arrives doubled
  --days <n>        days of traffic from 2001-05-01 on (default 61, to 2001-06-30)
  --one-in <n>      every n-th flight becomes a request (default 25)
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
      days: { type: 'string', default: '61' },
      'one-in': { type: 'string', default: '25' },
      dir: { type: 'string', default: `${import.meta.dirname}/../.millrace` },
      port: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    keep: values.keep,
    json: values.json,
    injectDrift: values['inject-drift'],
    days: integer('--days', values.days, 1, 61),
    oneIn: integer('--one-in', values['one-in'], 1, 10_000),
    dir: values.dir,
    port: integer('--port', values.port, 0, 65_535),
  }
}

function integer(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new TypeError(`${option} takes a whole number from ${min} to ${max}, got "${text}"`)
}
