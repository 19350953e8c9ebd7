import type { Classification, Regression } from '@millrace/learn'
import { fail, isPlatformError } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { LakeColumn } from '../../ports/lake.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import { type LoadedModel, type ModelColumn, openModel, type Prediction } from '../serving/index.ts'
import { isBug } from './refusal.ts'
import { featureColumns } from './training-data.ts'

const rowsAtOnce = 8192

/**
 * Predicts the rows of a training set with a model that is only a graph, by the code that serves it.
 * @throws `training.data_unusable` if the set lacks what the model takes, or has what it has no answer to
 */
export async function predictGraph(
  content: Pick<ContentStore, 'openLocal'>,
  manifest: ModelManifest,
  { set, signal }: { set: LoadedTrainingSet; signal: AbortSignal },
): Promise<Classification | Regression> {
  const refuse = (reason: string, cause?: unknown) =>
    fail('training.data_unusable', { set: set.manifest.name, reason }, cause)
  /** An error of the runtime says what the graph wants of its inputs, one of the reader what it gave. */
  const run = async (batch: ReturnType<LoadedModel['batch']>): Promise<Prediction[]> => {
    try {
      return await batch.run()
    } catch (error) {
      if (isPlatformError(error) || isBug(error) || !(error instanceof Error)) throw error
      throw refuse(`the model cannot predict its rows: ${error.message}`, error)
    }
  }
  const columns = featureColumns(set, manifest.features)
  const model = await openModel(content, manifest)
  try {
    if (model.takesMissing === false) {
      for (const column of columns) {
        const row = firstMissing(column)
        if (row >= 0)
          throw refuse(`the model takes no missing values, and "${column.name}" is missing in row ${row}`)
      }
    }
    const result = emptyPrediction(manifest, set.rows)
    for (let start = 0; start < set.rows; start += rowsAtOnce) {
      signal.throwIfAborted()
      const batch = model.batch(Math.min(rowsAtOnce, set.rows - start))
      for (const [place, column] of columns.entries()) fillBlock(batch.columns[place], column, start)
      result.add(await run(batch), start)
    }
    return result.prediction
  } finally {
    await model.unload()
  }
}

function firstMissing(column: LakeColumn): number {
  return column.kind === 'string'
    ? column.codes.findIndex((code) => code < 0 || column.dictionary[code] === '')
    : column.values.findIndex((value) => Number.isNaN(value))
}

/** Fills a column of a model with the rows of a training set from `start` on. */
export function fillBlock(filled: ModelColumn, column: LakeColumn, start: number): void {
  for (let row = 0; row < filled.length; row++) {
    if (Array.isArray(filled)) {
      filled[row] = column.kind === 'string' ? (column.dictionary[column.codes[start + row]] ?? '') : ''
    } else if (column.kind !== 'string') filled[row] = column.values[start + row]
  }
}

function emptyPrediction({ task, classes = [0, 1] }: ModelManifest, rows: number) {
  if (task === 'regression') {
    const values = new Float64Array(rows)
    return {
      prediction: { task, values } as Regression,
      add(block: readonly Prediction[], start: number) {
        for (const [row, one] of block.entries())
          values[start + row] = 'value' in one ? one.value : Number.NaN
      },
    }
  }
  const width = classes.length
  const names = classes.map(String)
  const probabilities = new Float64Array(rows * width)
  const prediction: Classification = { task: 'classification', classes, probabilities }
  return {
    prediction,
    add(block: readonly Prediction[], start: number) {
      for (const [row, one] of block.entries()) {
        const at = (start + row) * width
        if ('probability' in one) probabilities.set([1 - one.probability, one.probability], at)
        if ('probabilities' in one)
          probabilities.set(
            names.map((name) => one.probabilities[name]),
            at,
          )
      }
    },
  }
}
