import { describe, expect, it } from 'vitest'
import { runPool } from './pool.ts'

const script = (source: string): URL => new URL(`data:text/javascript,${encodeURIComponent(source)}`)
const job = { data: 'job', threads: 2, onMessage: () => undefined }
const idle = 'setInterval(() => undefined, 1000)'

describe('runPool', () => {
  it('gives every worker the data and passes its messages on', async () => {
    const messages: unknown[] = []
    const source =
      'import { parentPort, workerData } from "node:worker_threads"; parentPort.postMessage(workerData)'
    await runPool({ ...job, script: script(source), onMessage: (message) => messages.push(message) })
    expect(messages).toEqual(['job', 'job'])
  })

  it('rejects when a worker throws', async () => {
    await expect(runPool({ ...job, script: script('throw new Error("broken")') })).rejects.toThrow('broken')
  })

  it('rejects when one worker dies while another would go on for ever', async () => {
    const source = `import { threadId, workerData } from 'node:worker_threads'
      if (Atomics.add(workerData, 0, 1) === 0) process.exit(3)
      ${idle}`
    const data = new Int32Array(new SharedArrayBuffer(4))
    await expect(runPool({ ...job, script: script(source), data })).rejects.toThrow(/exit code 3/)
  })

  it('rejects when a worker runs out of memory', async () => {
    const source = 'const all = []; for (;;) all.push(new Array(100000).fill(all.length))'
    const limited = `import { Worker } from 'node:worker_threads'
      new Worker(new URL(${JSON.stringify(script(source).href)}), { resourceLimits: { maxOldGenerationSizeMb: 16 } })`
    await expect(runPool({ ...job, threads: 1, script: script(limited) })).rejects.toThrow(/memory/)
  })

  it('stops idle workers when aborted', async () => {
    const controller = new AbortController()
    const source = `import { parentPort } from 'node:worker_threads'; parentPort.postMessage(1); ${idle}`
    const running = runPool({
      ...job,
      script: script(source),
      signal: controller.signal,
      onMessage: () => controller.abort(new Error('stop')),
    })
    await expect(running).rejects.toThrow('stop')
  })
})
