import type { Label, ModelOutput } from '@millrace/learn'
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
  /** False = a row with a missing value gets no answer. */
  takesMissing?: false
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

/** What a model gives: of the tasks of learners the one that its predictions look like. */
export type OutputTask = ModelOutput['task']

/** What the model of a manifest gives; recommendations are numbers. */
export function outputTaskOf({ task }: ModelManifest): OutputTask {
  if (task === 'clustering' || task === 'anomaly') return task
  return task === 'regression' || task === 'recommendation' ? 'regression' : 'classification'
}

/** The classes in the order of the model's probabilities; undefined for a model of no classes. */
export function classesOf(manifest: ModelManifest): readonly Label[] | undefined {
  return outputTaskOf(manifest) === 'classification' ? manifest.classes : undefined
}

const names = { regression: 'numbers', clustering: 'clusters', anomaly: 'anomalies' } as const

/** @throws an Error if the model gives other classes than its manifest says, or something else instead */
export function checkOutput(manifest: ModelManifest, found: ModelOutput): void {
  const task = outputTaskOf(manifest)
  const wanted = JSON.stringify(task === 'classification' ? classesOf(manifest) : names[task])
  const given = JSON.stringify(found.task === 'classification' ? found.classes : names[found.task])
  if (given !== wanted) throw new Error(`the model predicts ${given}, the manifest says ${wanted}`)
}
