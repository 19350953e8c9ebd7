import { join } from 'node:path'

/** Where the logs of an endpoint are: predictions by event day and revision, feedback by the day it arrived. */
export function logFolders(logDir: string, endpoint: string): { predictions: string; feedback: string } {
  return { predictions: join(logDir, endpoint, 'predictions'), feedback: join(logDir, endpoint, 'feedback') }
}

export function predictionPartition(day: string, revision: number): string {
  return `${day}/r${revision}`
}
