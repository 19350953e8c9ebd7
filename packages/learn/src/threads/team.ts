import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { FindJob, Job, Step, Team } from '../team.ts'
import {
  type Answer,
  type Control,
  closeCommand,
  control,
  endTeam,
  enterCommand,
  type JobStart,
  leaveCommand,
  openCommand,
  takePieces,
  waitWhile,
} from './team-control.ts'

export interface ThreadTeam extends Team {
  /** Lets the helpers end. */
  end(): void
}

/**
 * The team of the calling thread, which leads and works, and of helpers that run {@link helpTeam} with the other ends
 * of `ports`. Starting a job ends the one before.
 */
export const leadTeam = (find: FindJob, shared: Control, ports: readonly MessagePort[]): ThreadTeam => {
  const size = ports.length + 1
  let received = 0
  const receive = (results: unknown[]): void => {
    const posted = Atomics.load(shared, control.answers)
    if (posted === received) return
    received = posted
    for (const port of ports)
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
        const answer = got.message as Answer
        if ('error' in answer) throw answer.error
        results[answer.piece] = answer.result
      }
  }
  const run =
    (step: Step): Job['run'] =>
    (command, pieces, between) => {
      const results: unknown[] = []
      const act = (piece: number): void => {
        const result = step(command, piece)
        if (result !== undefined) results[piece] = result
        between?.(Math.min(pieces, Atomics.load(shared, control.next)))
      }
      if (ports.length === 0 || pieces < 2) {
        for (let piece = 0; piece < pieces; piece += 1) {
          Atomics.store(shared, control.next, piece + 1)
          act(piece)
        }
        return results
      }
      openCommand(shared, command, pieces)
      try {
        takePieces(shared, pieces, act)
      } finally {
        // Whatever happens here, nobody is left inside.
        closeCommand(shared)
      }
      receive(results)
      return results
    }
  return {
    size,
    start(kind, data) {
      const message: JobStart = { kind, data }
      for (const port of ports) port.postMessage(message)
      shared[control.jobs] += 1
      return { run: run(find(kind)(data as never, { index: 0, size })) }
    },
    end: () => endTeam(shared),
  }
}

/** Works for the leader of a team, as its member `index`, until it ends the team. */
export const helpTeam = (
  find: FindJob,
  shared: Control,
  port: MessagePort,
  { index, size }: { readonly index: number; readonly size: number },
): void => {
  let jobs = 0
  let step: Step = () => undefined
  const post = (answer: Answer): void => {
    port.postMessage(answer)
    Atomics.add(shared, control.answers, 1)
  }
  const startJob = (): void => {
    let latest: JobStart | undefined
    for (; jobs < shared[control.jobs]; jobs += 1) latest = receiveMessageOnPort(port)?.message
    if (latest === undefined) throw new Error('the leader of the team did not say what job to start')
    step = find(latest.kind)(latest.data as never, { index, size })
  }
  const act = (): void => {
    if (jobs < shared[control.jobs]) startJob()
    const command = shared[control.command]
    takePieces(shared, shared[control.pieces], (piece) => {
      const result = step(command, piece)
      if (result !== undefined) post({ piece, result })
    })
  }
  for (let generation = 0; ; ) {
    waitWhile(shared, control.generation, generation)
    generation = Atomics.load(shared, control.generation)
    const entry = enterCommand(shared)
    if (entry === 'ended') return
    if (entry === 'too late') continue
    try {
      act()
    } catch (error) {
      post({ error })
    }
    leaveCommand(shared)
  }
}
