import { appendFile } from 'node:fs/promises'
import { serveTask } from '../../../drivers/executor/local-process-child.ts'
import { createStepRunner } from '../runner.ts'
import type { BuiltInStep, StepContext } from '../step.ts'
import { testSteps, work } from './control-plane.ts'

// The process of a step in tests: the test steps, and functions that note each call in the file of their name.
const steps = new Map<string, BuiltInStep>(
  [...testSteps].map(([name, signature]) => [
    name,
    { ...signature, run: async (_context: StepContext, inputs: Record<string, unknown>) => work({ inputs }) },
  ]),
)
serveTask(
  createStepRunner({
    withSteps: (use) => use(steps),
    loadFunction:
      async ({ bundle }, kind, name) =>
      async (inputs, context) => {
        const { node, attempt } = context as StepContext
        await appendFile(bundle, `${kind} ${name} ${node} ${attempt} ${JSON.stringify(inputs)}\n`)
        if (name === 'die' && attempt === 1) process.kill(process.pid, 'SIGKILL')
        return { sum: 40 }
      },
  }),
  process.env,
)
