import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answers } from './talk.ts'

/** The answers of MLflow's server of that release, and those of Millrace that differ on purpose. */
export const recordedIn = {
  mlflow: join(import.meta.dirname, 'fixtures', 'mlflow-3.17.2.json'),
  millrace: join(import.meta.dirname, 'fixtures', 'differences.json'),
}

/** By group and title. */
export function readRecorded(who: keyof typeof recordedIn): Record<string, Answers> {
  return JSON.parse(readFileSync(recordedIn[who], 'utf8'))
}
