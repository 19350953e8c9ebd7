import { type Column, categoricalColumn, createFrame, loadModel, type Model, predict } from '@millrace/learn'
import type { ModelManifest } from '../../registry/index.ts'
import {
  anomalyPredictions,
  classPredictions,
  clusterPredictions,
  numberPredictions,
  type Prediction,
} from './prediction.ts'
import { checkOutput, type LoadedModel, type ModelColumn } from './runtime.ts'

/** A model of `bytes`, which have to fit what the registry says of it. */
export function readNativeModel(bytes: Uint8Array, manifest: ModelManifest): LoadedModel {
  const model = loadModel(bytes)
  checkOutput(manifest, model.output)
  return createModel(model, manifest)
}

function createModel(model: Model, { features }: ModelManifest): LoadedModel {
  const kinds = new Map(model.inputs.map(({ name, kind }) => [name, kind]))
  const names = features.map(({ name }) => name)
  return {
    batch(rows) {
      const columns = features.map(({ name }): ModelColumn => {
        const kind = kinds.get(name)
        if (kind === 'categorical') return new Array<string>(rows).fill('')
        return kind === 'timestamp'
          ? new Float64Array(rows).fill(Number.NaN)
          : new Float32Array(rows).fill(Number.NaN)
      })
      return {
        columns,
        run: async () => {
          const frame = createFrame(
            Object.fromEntries(names.map((name, i) => [name, toColumn(columns[i], kinds.get(name))])),
          )
          return toPredictions(model, frame)
        },
      }
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

function toPredictions(model: Model, frame: Parameters<typeof predict>[1]): Prediction[] {
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
