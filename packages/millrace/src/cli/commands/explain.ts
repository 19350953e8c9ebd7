import type { PredictedValue } from '@millrace/client'
import { type Command, InvalidArgumentError } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatExplanation } from '../format-explanation.ts'
import { readJsonRow } from '../json-rows.ts'
import type { Terminal } from '../terminal.ts'
import { describePrediction } from './predict.ts'

interface ExplainFlags extends ClientFlags {
  inputs: string
  id?: string
  top: number
}

export function addExplain(program: Command, terminal: Terminal): void {
  withClientOptions(program.command('explain'))
    .description('ask an endpoint why it predicts what it predicts')
    .argument('<endpoint>', 'name of the endpoint')
    .requiredOption('--inputs <json>', 'inputs of one prediction, as a JSON object')
    .option('--id <id>', 'explained by the revision that answers this id; default: the stable one')
    .option('--top <n>', 'how many features to show, the largest contributions first', toCount, 10)
    .addHelpText(
      'after',
      `
Nothing is logged as a prediction.

Examples:
  millrace explain lateness --inputs '{"date":"2001-05-01T12:00:00Z","origin":"JFK","distance":300}'
  millrace explain lateness --inputs "$(cat row.json)" --top 3 --json`,
    )
    .action(async (endpoint: string, { inputs, id, top, ...flags }: ExplainFlags) => {
      const client = clientOf(flags, terminal)
      const answer = await client.explain<Record<string, unknown>, PredictedValue>(
        endpoint,
        { ...(id !== undefined && { id }), inputs: readJsonRow(inputs, '--inputs') },
        { top },
      )
      if (flags.json) return terminal.out(jsonLine(answer))
      const { prediction, modelVersion, degraded, explanation } = answer
      const missing = degraded?.length ? `  degraded: ${degraded.join(', ')}` : ''
      terminal.out(`${describePrediction(prediction)}  ${modelVersion}${missing}\n`)
      terminal.out(formatExplanation(explanation))
    })
}

function toCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count
  throw new InvalidArgumentError('It must be a whole number from 1 to 1000.')
}
