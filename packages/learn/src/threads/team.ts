import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { FindJob, Job, Step, Team } from '../team.ts'
import {
  type Answer,
  type Control,
  control,
  endTeam,
  type JobStart,
  startJob,
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
  const wake = (command: number, pieces: number): void => {
    shared[control.command] = command
    shared[control.pieces] = pieces
    Atomics.store(shared, control.next, 0)
    Atomics.store(shared, control.busy, ports.length)
    Atomics.add(shared, control.generation, 1)
    Atomics.notify(shared, control.generation)
  }
  const finish = (results: unknown[]): void => {
    for (let busy = Atomics.load(shared, control.busy); busy > 0; busy = Atomics.load(shared, control.busy))
      waitWhile(shared, control.busy, busy)
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
      wake(command, pieces)
      takePieces(shared, pieces, act)
      finish(results)
      return results
    }
  return {
    size,
    start(kind, data) {
      const message: JobStart = { kind, data }
      for (const port of ports) port.postMessage(message)
      wake(startJob, 0)
      const step = find(kind)(data as never, { index: 0, size })
      finish([])
      return { run: run(step) }
    },
    end: () => wake(endTeam, 0),
  }
}

/** Works for the leader of a team, as its member `index`, until it ends the team. */
export const helpTeam = (
  find: FindJob,
  shared: Control,
  port: MessagePort,
  { index, size }: { readonly index: number; readonly size: number },
): void => {
  let step: Step = () => undefined
  const act = (command: number): void => {
    if (command === startJob) {
      const start = receiveMessageOnPort(port)
      if (start === undefined) throw new Error('the leader of the team did not say what job to start')
      const { kind, data } = start.message as JobStart
      step = find(kind)(data as never, { index, size })
      return
    }
    takePieces(shared, shared[control.pieces], (piece) => {
      const result = step(command, piece)
      if (result === undefined) return
      const answer: Answer = { piece, result }
      port.postMessage(answer)
    })
  }
  for (let generation = 0; ; generation += 1) {
    waitWhile(shared, control.generation, generation)
    const command = shared[control.command]
    if (command === endTeam) return
    try {
      act(command)
    } catch (error) {
      const answer: Answer = { error }
      port.postMessage(answer)
    }
    Atomics.sub(shared, control.busy, 1)
    Atomics.notify(shared, control.busy)
  }
}
