import { createLogger } from '../../../kernel/logger.ts'
import { createLocalProcessExecutor } from '../local-process.ts'

// A control plane to be killed: starts the task of its argument, prints the task's reference and lines.
const executor = createLocalProcessExecutor({
  entry: new URL('./task-entry.ts', import.meta.url).pathname,
  logger: createLogger('silent'),
  env: {},
})
const print = (line: string) => process.stdout.write(`${line}\n`)
executor.start(JSON.parse(process.argv[2] ?? '{}'), {
  onStart: async (reference) => void print(`reference ${reference}`),
  onProgress: () => {},
  onLog: print,
  onExit: (outcome) => print(outcome.state),
})
