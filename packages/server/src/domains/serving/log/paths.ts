import { join } from 'node:path'

export const dayMs = 86_400_000

/** `YYYY-MM-DD` of a time, UTC. Years outside 0–9999 do not occur: requests are limited to them. */
export function dayOf(ms: number): string {
  return new Date(Math.floor(ms / dayMs) * dayMs).toISOString().slice(0, 10)
}

/** Where the logs of an endpoint are: predictions by event day and revision, feedback by the day it arrived. */
export function logFolders(logDir: string, endpoint: string): { predictions: string; feedback: string } {
  return { predictions: join(logDir, endpoint, 'predictions'), feedback: join(logDir, endpoint, 'feedback') }
}

export function predictionPartition(day: string, revision: number): string {
  return `${day}/r${revision}`
}
