import { createPredictionLog } from '../log/prediction-log.ts'

/** A process that logs predictions and, once a turn is written, says their ids on stdout, until it is killed. */
const [logDir] = process.argv.slice(2)
const log = createPredictionLog({ logDir, endpoint: 'e', now: () => Date.now(), maxBytes: 100_000 })
let next = 0

function turn(): void {
  const ids = Array.from({ length: 7 }, () => `p${next++}`)
  log.append(
    ids.map((id) => ({
      id,
      at: Date.now(),
      eventTime: (next % 3) * 86_400_000,
      inputs: { x: 1 },
      features: { x: 'x'.repeat(200) },
      prediction: { label: 1, probability: 0.5 },
      modelVersion: 'm/1',
      revision: 1,
      variant: 'stable' as const,
      latencyUs: 1,
      degraded: [],
      error: null,
    })),
    ['x'],
  )
  process.stdout.write(`${ids.join('\n')}\n`)
  setImmediate(turn)
}

turn()
