import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { median } from '../harness/measurement.ts'
import { memoryOfTree } from '../harness/process-tree.ts'
import { type Case, limitOn, peerName, rounds } from './case.ts'
import { type Contender, comeToRest, contenders, startOurs, startPeer } from './servers.ts'

const startLimitMs = 1000
const memoryGoal = 3

/** From the start of the process to its first answer, on a folder that has been used before, and memory at rest. */
export const startServers: Case = async (context) => {
  const folder = join(context.workDir, 'state')
  const starts = {
    ours: () => startOurs(join(folder, 'ours')),
    peer: () => startPeer(context.python, join(folder, 'peer')),
  }
  const times: Record<Contender, number[]> = { ours: [], peer: [] }
  const memory: Record<Contender, number[]> = { ours: [], peer: [] }
  await rm(folder, { recursive: true, force: true })
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const contender of contenders) {
        context.progress(round === 0 ? `first start: ${contender}` : `start ${round}: ${contender}`)
        await mkdir(join(folder, contender), { recursive: true })
        const server = await starts[contender]()
        try {
          if (round === 0) continue
          times[contender].push(server.startMs)
          await comeToRest(server.pid)
          memory[contender].push(await memoryOfTree(server.pid))
        } finally {
          await server.stop()
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const time = { metric: 'time to the first answer', unit: 'ms', better: 'lower' } as const
  const [ours, peer] = [median(times.ours), median(times.peer)]
  context.report(limitOn(startLimitMs, { ...time, ours }))
  context.report({ ...time, ours, peer, peerName, goal: null })
  context.report({
    metric: 'memory at rest',
    unit: 'MB',
    better: 'lower',
    ours: median(memory.ours),
    peer: median(memory.peer),
    peerName,
    goal: memoryGoal,
  })
}
