import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

export interface Machine {
  cpu: string
  cores: number
  memoryGb: number
  os: string
  node: string
  /** The day of the run, UTC. */
  date: string
}

/** What a reader has to know to compare numbers with another machine's. */
export function describeMachine(now: Date): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    node: process.versions.node,
    date: now.toISOString().slice(0, 10),
  }
}
