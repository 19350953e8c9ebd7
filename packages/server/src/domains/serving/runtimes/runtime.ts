import type { ModelManifest } from '../../registry/index.ts'

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

export interface ModelBatch {
  /** One column per feature of the manifest, in order: numbers (NaN = missing; booleans 0 and 1) or texts ('' = missing). */
  columns: (Float32Array | string[])[]
  /** Valid until the next batch. @throws whatever the model throws */
  run(): Promise<Scores>
}

export interface Scores {
  /** 0 or 1 per row. */
  labels: Uint8Array
  /** Probability of 1 per row. */
  probabilities: Float64Array
}
