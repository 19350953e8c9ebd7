import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entries, LoggedModelMetric, StoredMetric } from '../store.ts'
import { distinctPoints } from './distinct-points.ts'
import { invalid } from './meta-file.ts'

/** Names of the folders in a folder, sorted; none if it does not exist. */
export async function listFolders(folder: string): Promise<string[]> {
  return (await entriesOf(folder))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/** Files below a folder by their path relative to it: a slash in a key has made a folder. */
export async function listKeys(folder: string, below = ''): Promise<string[]> {
  const keys: string[] = []
  for (const entry of await entriesOf(join(folder, below))) {
    const key = below ? `${below}/${entry.name}` : entry.name
    if (entry.isDirectory()) keys.push(...(await listKeys(folder, key)))
    else keys.push(key)
  }
  return keys.sort()
}

/** Params or tags: a file each, named by the key, holding the value. */
export async function readEntries(folder: string): Promise<Entries> {
  const entries: [string, string][] = []
  for (const key of await listKeys(folder)) entries.push([key, await readFile(join(folder, key), 'utf8')])
  return Object.fromEntries(entries)
}

/** The points of one metric of a run. Lines are `time value [step [dataset digest]]`. */
export async function readMetricFile(folder: string, key: string): Promise<StoredMetric[]> {
  const path = join(folder, key)
  const points: StoredMetric[] = []
  for (const { fields, where } of await readLines(path)) {
    if (![2, 3, 5].includes(fields.length))
      throw invalid(where, `${fields.length} fields instead of 2, 3 or 5`)
    points.push(pointOf(key, [fields[0], fields[1], fields[2] ?? '0'], where))
  }
  return distinctPoints(points)
}

/** The points of one metric of a logged model. Lines are `time value step run [dataset digest]`. */
export async function readModelMetricFile(folder: string, key: string): Promise<LoggedModelMetric[]> {
  const path = join(folder, key)
  const points: LoggedModelMetric[] = []
  for (const { fields, where } of await readLines(path)) {
    if (![4, 6].includes(fields.length)) throw invalid(where, `${fields.length} fields instead of 4 or 6`)
    const [at, value, step, run, datasetName = null, datasetDigest = null] = fields
    points.push({ ...pointOf(key, [at, value, step], where), run, datasetName, datasetDigest })
  }
  return distinctPoints(points)
}

async function readLines(path: string) {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.flatMap((line, i) => {
    const fields = line.trim().split(' ')
    return fields[0] === '' ? [] : [{ fields, where: `${path} line ${i + 1}` }]
  })
}

function pointOf(key: string, [at, value, step]: [string, string, string], where: string): StoredMetric {
  const point = { key, value: numberOf(value), at: Number(at), step: Number(step) }
  if (point.value === undefined) throw invalid(where, `"${value}" is not a number`)
  if (!Number.isSafeInteger(point.at)) throw invalid(where, `"${at}" is not a time in milliseconds`)
  if (!Number.isSafeInteger(point.step)) throw invalid(where, `"${step}" is not a step`)
  return { ...point, value: point.value }
}

const named: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
}

/** A number as Python writes it. */
function numberOf(text: string): number | undefined {
  const special = named[text.toLowerCase()]
  if (special !== undefined) return special
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
