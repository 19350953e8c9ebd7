import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, type PipelineDefinition, type PipelineNode } from '@millrace/protocol'
import { createManualClock } from '../../../kernel/clock.ts'
import { createLogger } from '../../../kernel/logger.ts'
import { pipelinesMigration } from '../../../migrations/0006-pipelines.ts'
import type { Database } from '../../../ports/database.ts'
import type { EventStream, NewEvent } from '../../../ports/event-stream.ts'
import type { Executor } from '../../../ports/executor.ts'
import { openTestDatabase } from '../../../testing/test-database.ts'
import type { StepTask } from '../runner.ts'
import { createPipelineService, type PipelineService } from '../service.ts'
import type { StepSignature } from '../step.ts'

/** `work` adds up its inputs, gives `sum`, and `flag` as it is told by its const input. */
export const testSteps: ReadonlyMap<string, StepSignature> = new Map<string, StepSignature>([
  [
    'work',
    {
      name: 'work',
      inputs: {
        a: { type: 'int64', optional: true },
        b: { type: 'int64', optional: true },
        at: { type: 'timestamp', optional: true },
        flag: { type: 'boolean', optional: true },
      },
      outputs: { sum: { type: 'int64' }, flag: { type: 'boolean', optional: true } },
    },
  ],
  ['load', { name: 'load', inputs: { model: { type: 'model' } }, outputs: { model: { type: 'model' } } }],
])

export function work(payload: unknown): Record<string, unknown> {
  const { inputs } = payload as StepTask
  return { sum: Number(inputs.a ?? 0) + Number(inputs.b ?? 0) + 1, flag: inputs.flag }
}

export function node(id: string, more: Partial<PipelineNode> = {}): PipelineNode {
  return { id, step: 'work', inputs: {}, when: [], timeoutMs: 60_000, retries: 0, ...more }
}

export function pipeline(
  nodes: PipelineNode[],
  params: PipelineDefinition['params'] = {},
): PipelineDefinition {
  return { kind: 'pipeline', name: 'p', params, nodes }
}

/** A database in a folder of its own; services on it come and go like processes. */
export async function createTestBed(executor: Executor) {
  const dir = mkdtempSync(join(tmpdir(), 'pipelines-'))
  const db = await openTestDatabase(dir)
  await db.migrate([pipelinesMigration])
  const clock = createManualClock(Date.UTC(2024, 0, 1))
  const audit: NewEvent[] = []
  const stream: EventStream = {
    append: async (_topic, events) => void audit.push(...events),
    read: async () => [],
    trim: async () => undefined,
  }
  const timers: (() => void)[] = []
  const definitions = new Map<string, PipelineDefinition>()
  const services: PipelineService[] = []

  function createService(options: { db?: Database; concurrency?: number } = {}): PipelineService {
    const service = createPipelineService({
      db: options.db ?? db,
      stream,
      executor,
      clock,
      logger: createLogger('silent'),
      definitions: {
        async get(kind, name) {
          const found = definitions.get(name)
          if (!found) throw fail('definition.not_found', { kind, name })
          return found as never
        },
      },
      steps: testSteps,
      concurrency: options.concurrency ?? 2,
      timer(delayMs, callback) {
        // What is due already rings without anybody advancing the clock.
        if (delayMs <= 0) setImmediate(callback)
        else timers.push(callback)
      },
      random: () => 0,
    })
    services.push(service)
    return service
  }

  /** Takes the ground away without asking the services. */
  async function drop() {
    await db.close()
    rmSync(dir, { recursive: true, force: true })
  }

  return {
    db,
    clock,
    audit,
    createService,
    define(definition: PipelineDefinition) {
      definitions.set(definition.name, definition)
    },
    /** Lets time pass and rings everything that waits for it. */
    advance(ms: number) {
      clock.advance(ms)
      for (const timer of timers.splice(0)) timer()
    },
    async close() {
      await executor.close()
      for (const service of services) await service.stop()
      await drop()
    },
    drop,
  }
}

export type TestBed = Awaited<ReturnType<typeof createTestBed>>

/** Resolves with the final state of the run. */
export async function ended(service: PipelineService, id: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const unsubscribe = service.subscribe(id, (change) => {
    if (change.type === 'run') resolve(change.state)
  })
  const { state } = await service.getRun(id)
  if (state !== 'running') resolve(state)
  return promise.finally(unsubscribe)
}

/** Node -> state, in the order of the definition. */
export async function statesOf(service: PipelineService, id: string): Promise<Record<string, string>> {
  const { steps } = await service.getRun(id)
  return Object.fromEntries(steps.map((step) => [step.node, step.state]))
}
