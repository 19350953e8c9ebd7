import { join } from 'node:path'
import { getFromChild } from '../harness/child.ts'
import type { Measurement } from '../harness/measurement.ts'
import type { BenchContext } from '../harness/topic.ts'
import type { Load, LoadSpec } from './load.ts'

export const peerName = 'MLflow 3.17.2'
export const rounds = 3

/** What a case is given. */
export interface CaseContext extends Omit<BenchContext, 'cases' | 'report'> {
  /** Interpreter with the peer's packages. */
  python: string
  report(measurement: Omit<Measurement, 'case'>): void
}

export type Case = (context: CaseContext) => Promise<void>

/** Sends load from a process of its own. @throws Error if a request fails */
export async function load(spec: LoadSpec): Promise<Load> {
  const script = join(import.meta.dirname, 'load.ts')
  const result: Load = JSON.parse(await getFromChild(process.execPath, [script, JSON.stringify(spec)]))
  if (result.failures > 0) throw new Error(`${spec.url} fails ${result.failures} requests`)
  return result
}

/** A number of ours that has to be on the right side of a fixed one, whatever the peer's is. */
export function limitOn(
  limit: number,
  { metric, unit, better, ours }: Pick<Measurement, 'metric' | 'unit' | 'better' | 'ours'>,
): Omit<Measurement, 'case'> {
  return { metric, unit, better, ours, peer: limit, peerName: 'our limit', goal: 1 }
}

/** @throws Error naming what differs, if the two are not the same */
export function checkSame(what: string, ours: unknown, peer: unknown): void {
  const [a, b] = [JSON.stringify(ours), JSON.stringify(peer)]
  if (a === b) return
  const at = [...a].findIndex((letter, i) => letter !== b[i])
  const excerpt = (text: string) => text.slice(Math.max(0, at - 40), at + 100)
  throw new Error(`${what} differs: ours has …${excerpt(a)}…, MLflow …${excerpt(b)}…`)
}
