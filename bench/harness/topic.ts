import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Measurement } from './measurement.ts'

/** What `bench/<topic>/bench.ts` exports as `bench`. */
export interface Bench {
  cases: readonly string[]
  /** Measures the named cases and reports each number as soon as it is known. */
  run(context: BenchContext): Promise<void>
}

export interface BenchContext {
  cases: readonly string[]
  /** Folder for what the topic installs or generates; not under version control and kept between runs. */
  workDir: string
  report(measurement: Measurement): void
  /** A line for the person who waits; not part of the results. */
  progress(message: string): void
}

/** Names of the topics: the folders of `root` that have a `bench.ts`. */
export async function listTopics(root: string): Promise<string[]> {
  const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const files = await Promise.all(folders.map(({ name }) => readdir(join(root, name))))
  return folders
    .filter((_, i) => files[i].includes('bench.ts'))
    .map(({ name }) => name)
    .sort()
}

/** The sentence under the title of a topic's README. */
export async function summaryOf(root: string, topic: string): Promise<string> {
  const text = await readFile(join(root, topic, 'README.md'), 'utf8')
  return text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? ''
}

/** @throws TypeError if the module is not a benchmark */
export async function loadBench(root: string, topic: string): Promise<Bench> {
  const module: { bench?: Bench } = await import(join(root, topic, 'bench.ts'))
  if (!module.bench) throw new TypeError(`bench/${topic}/bench.ts does not export "bench"`)
  return module.bench
}
