import type { PredictedValue, PredictInput } from '@millrace/client'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { type JsonRow, readJsonRows } from '../json-rows.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface PredictFlags extends ClientFlags {
  inputs?: string
  file?: string
  id?: string
}

/** Rows that the server takes at once. */
const maxBatch = 1000

/** @param failed Called when a row of a file was refused. */
export function addPredict(program: Command, terminal: Terminal, failed: () => void): void {
  withClientOptions(program.command('predict'))
    .description('ask an endpoint for predictions')
    .argument('<endpoint>', 'name of the endpoint')
    .option('--inputs <json>', 'inputs of one prediction, as a JSON object')
    .option('--file <file>', 'inputs in a file: a JSON object, a JSON array of them, or one a line')
    .option('--id <id>', 'names the prediction, so that its label can be sent later')
    .addHelpText(
      'after',
      `
Examples:
  millrace predict lateness --inputs '{"date":"2001-05-01T12:00:00Z","origin":"JFK","distance":300}'
  millrace predict lateness --file requests.ndjson --json`,
    )
    .action(async (endpoint: string, flags: PredictFlags) => {
      const client = clientOf(flags, terminal)
      const { inputs, file } = flags
      const rows = await readJsonRows({ option: '--inputs', json: inputs, file }, terminal.cwd)
      const [first] = rows
      if (rows.length === 1 && first) {
        const answer = await client.predict<JsonRow, PredictedValue>(endpoint, {
          id: flags.id,
          inputs: first,
        })
        const { id, prediction, modelVersion, degraded } = answer
        const missing = degraded?.length ? `  degraded: ${degraded.join(', ')}` : ''
        const text = `${describePrediction(prediction)}  ${modelVersion}  ${id}${missing}\n`
        terminal.out(flags.json ? jsonLine(answer) : text)
        return
      }
      if (flags.id !== undefined) throw usageError('--id names one prediction, but the file has several')
      const batch: PredictInput<JsonRow>[] = rows.map((inputs) => ({ inputs }))
      for (let start = 0; start < batch.length; start += maxBatch) {
        const { items } = await client.predictBatch(endpoint, batch.slice(start, start + maxBatch))
        for (const item of items) terminal.out(jsonLine(item))
        if (items.some((item) => 'error' in item)) failed()
      }
    })
}

/** A prediction in a few words. */
export function describePrediction(prediction: PredictedValue): string {
  if ('value' in prediction) return String(prediction.value)
  if ('cluster' in prediction) return `cluster ${prediction.cluster}  distance ${prediction.distance}`
  if ('score' in prediction) return `${prediction.outlier ? 'outlier' : 'usual'}  score ${prediction.score}`
  if ('probability' in prediction) return `${prediction.label}  probability ${prediction.probability}`
  const { label, probabilities } = prediction
  return `${label}  probability ${probabilities[String(label)]}`
}
