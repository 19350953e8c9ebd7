import {
  categoricalColumn,
  classTarget,
  createFrame,
  exportModel,
  fit,
  numericColumn,
  randomForestClassifier,
} from '@millrace/learn'
import type { ContentStore } from '../../../ports/content-store.ts'
import { projectOf, versionsOf } from './project.ts'

/** How the label of the toy problem comes about: late if it is big, and a bit more so for `b`. */
export function chanceOf(size: number, kind: string): number {
  return Math.min(0.95, Math.max(0.05, size / 100 + (kind === 'b' ? 0.1 : 0)))
}

/**
 * Trains a small forest on made-up rows of (size, kind, amount_2h, hour), exports it and stores it as a model folder.
 * `inverted`: it has learnt the opposite of the truth. Returns the manifest's digest.
 */
export async function storeForestModel(
  content: Pick<ContentStore, 'putBytes'>,
  options: {
    inverted?: boolean
    seed?: number
    trees?: number
    depth?: number
    omit?: string[]
    definitions?: Record<string, string>
  } = {},
): Promise<string> {
  const { inverted = false, seed = 1, trees = 20, depth = 6, omit = [] } = options
  const next = random(seed)
  const rows = Array.from({ length: 2000 }, () => {
    const [size, kind] = [Math.floor(next() * 100), next() < 0.5 ? 'a' : 'b']
    const late = next() < chanceOf(size, kind)
    return { size, kind, amount_2h: next() * 10, hour: Math.floor(next() * 24), late: late !== inverted }
  })
  const all = {
    size: numericColumn(rows.map((row) => row.size)),
    kind: categoricalColumn(rows.map((row) => row.kind)),
    amount_2h: numericColumn(rows.map((row) => row.amount_2h)),
    hour: numericColumn(rows.map((row) => row.hour)),
  }
  const types = { size: 'int64', kind: 'string', amount_2h: 'float64', hour: 'int64' } as const
  const names = (Object.keys(all) as (keyof typeof all)[]).filter((name) => !omit.includes(name))
  const model = fit(
    randomForestClassifier({ nEstimators: trees, maxDepth: depth, seed, minSamplesLeaf: 20 }),
    {
      frame: createFrame(Object.fromEntries(names.map((name) => [name, all[name]]))),
      target: classTarget(rows.map((row) => row.late)),
    },
  )
  const onnx = await content.putBytes(exportModel(model))
  return storeManifest(content, {
    definitions: options.definitions,
    files: { 'model.onnx': onnx.digest },
    features: names.map((name) => ({ name, type: types[name] })),
  })
}

/** Stores what serving reads of a manifest; `definitions`: those of the test bed if there are no others. */
export async function storeManifest(
  content: Pick<ContentStore, 'putBytes'>,
  manifest: {
    files: Record<string, string>
    features: { name: string; type: string }[]
    classes?: boolean[]
    definitions?: Record<string, string>
  },
): Promise<string> {
  const whole = {
    kind: 'model',
    task: 'binary-classification',
    classes: [false, true],
    label: { name: 'late', type: 'boolean' },
    ...manifest,
    definitions: manifest.definitions ?? versionsOf(projectOf()),
  }
  return (await content.putBytes(Buffer.from(JSON.stringify(whole)))).digest
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
