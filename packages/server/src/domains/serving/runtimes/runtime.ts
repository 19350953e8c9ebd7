import type { Label } from '@millrace/learn'
import type { ModelManifest } from '../../registry/index.ts'
import type { Prediction } from './prediction.ts'

/** One way to run models: a plug-in. */
export interface ModelRuntime {
  readonly name: string
  supports(manifest: ModelManifest): boolean
  /**
   * Reads the model into memory and checks that its inputs and outputs are what the manifest says. `open` gives the
   * local path of a file of the model folder.
   * @throws an Error that says what does not fit
   */
  load(manifest: ModelManifest, open: (path: string) => Promise<string>): Promise<LoadedModel>
}

/** A model in memory. One batch runs at a time: it belongs to one queue of requests. */
export interface LoadedModel {
  /** A batch of so many rows, to be filled and run before the next one is asked for. */
  batch(rows: number): ModelBatch
  unload(): Promise<void>
}

/** Numbers (NaN = missing; booleans 0 and 1; times in milliseconds) or texts ('' = missing). */
export type ModelColumn = Float32Array | Float64Array | string[]

export interface ModelBatch {
  /** One column per feature of the manifest, in order. */
  columns: ModelColumn[]
  /** One prediction per row. @throws whatever the model throws */
  run(): Promise<Prediction[]>
}

/** The classes in the order of the model's probabilities; undefined for a model for numbers. */
export function classesOf({ task, classes }: ModelManifest): readonly Label[] | undefined {
  if (task === 'regression') return undefined
  // Those of `train-forest` are not written down.
  return classes ?? [0, 1]
}

/** @throws an Error if the model gives other classes than its manifest says, or numbers instead */
export function checkOutput(manifest: ModelManifest, found: readonly Label[] | undefined): void {
  const wanted = JSON.stringify(classesOf(manifest) ?? 'numbers')
  const given = JSON.stringify(found ?? 'numbers')
  if (given !== wanted) throw new Error(`the model predicts ${given}, the manifest says ${wanted}`)
}
