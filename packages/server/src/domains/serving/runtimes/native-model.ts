import {
  type Column,
  categoricalColumn,
  createFrame,
  type Frame,
  type Model,
  modelFromBytes,
  predict,
} from '@millrace/learn'
import type { ModelManifest } from '../../registry/index.ts'
import {
  anomalyPredictions,
  classPredictions,
  clusterPredictions,
  numberPredictions,
  type Prediction,
} from './prediction.ts'
import { checkOutput, type LoadedModel, type ModelColumn } from './runtime.ts'

/** A model in our own format, and how rows come to it. */
export interface NativeModel {
  readonly model: Model
  /** Columns of so many rows to be filled, one per feature of the manifest, in order; everything is missing. */
  columns(rows: number): ModelColumn[]
  /** Filled columns as the model takes them. */
  toFrame(columns: readonly ModelColumn[]): Frame
}

/** A model of `bytes`, which have to fit what the registry says of it. */
export function openNativeModel(bytes: Uint8Array, manifest: ModelManifest): NativeModel {
  const model = modelFromBytes(bytes)
  checkOutput(manifest, model.output)
  const kinds = new Map(model.inputs.map(({ name, kind }) => [name, kind]))
  const names = manifest.features.map(({ name }) => name)
  return {
    model,
    columns: (rows) =>
      names.map((name): ModelColumn => {
        const kind = kinds.get(name)
        if (kind === 'categorical') return new Array<string>(rows).fill('')
        return kind === 'timestamp'
          ? new Float64Array(rows).fill(Number.NaN)
          : new Float32Array(rows).fill(Number.NaN)
      }),
    toFrame: (columns) =>
      createFrame(Object.fromEntries(names.map((name, i) => [name, toColumn(columns[i], kinds.get(name))]))),
  }
}

/** The model as a runtime has it. */
export function readNativeModel(bytes: Uint8Array, manifest: ModelManifest): LoadedModel {
  const native = openNativeModel(bytes, manifest)
  return {
    batch(rows) {
      const columns = native.columns(rows)
      return { columns, run: async () => toPredictions(native.model, native.toFrame(columns)) }
    },
    unload: async () => undefined,
  }
}

function toColumn(values: ModelColumn, kind: string | undefined): Column {
  if (Array.isArray(values)) return categoricalColumn(values)
  if (values instanceof Float64Array) return { kind: 'timestamp', values }
  if (kind !== 'boolean') return { kind: 'numeric', values }
  return {
    kind: 'boolean',
    values: Int8Array.from(values, (value) => (Number.isNaN(value) ? -1 : value)),
  }
}

/** One prediction per row. Throws as `predict`, and an Error for what is no prediction. */
export function toPredictions(model: Model, frame: Frame): Prediction[] {
  const prediction = predict(model, frame)
  switch (prediction.task) {
    case 'classification':
      return classPredictions(prediction.classes, prediction.probabilities)
    case 'regression':
      return numberPredictions(prediction.values)
    case 'clustering':
      return clusterPredictions(prediction.clusters, prediction.distances)
    case 'anomaly':
      return anomalyPredictions(prediction.outliers, prediction.scores)
  }
}
