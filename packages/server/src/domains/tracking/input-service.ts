import { fail } from '@millrace/protocol'
import { newHexId } from '../../kernel/ids.ts'
import type { TrackingDeps } from './deps.ts'
import { isExperimentId } from './experiment-store.ts'
import type { DatasetInput, InputService, LogInputsInput, ModelOutput } from './input.ts'
import { addDatasetInputs, listDatasetSummaries } from './input-store.ts'
import { limits, textProblem } from './names.ts'
import { writableRunCheck } from './run-batch.ts'
import type { TrackingTables } from './tables.ts'

export function createInputService({ db, clock }: Pick<TrackingDeps, 'db' | 'clock'>): InputService {
  const requireWritable = writableRunCheck(db)
  return {
    async logInputs(input) {
      const datasets = checkInputs(input)
      const { run, models = [] } = input
      await db.transaction<TrackingTables, void>(async (trx) => {
        const experimentId = await requireWritable(trx, run)
        await addDatasetInputs(db, trx, { run, experimentId, datasets, newId: () => newHexId(clock.now()) })
        await db.insertMany(trx, {
          table: 'run_model_inputs',
          columns: { run_id: 'text', model_id: 'text' },
          rows: models.map((model) => [run, model]),
          key: ['run_id', 'model_id'],
        })
      })
    },
    async logOutputs(run, models) {
      checkOutputs(run, models)
      await db.transaction<TrackingTables, void>(async (trx) => {
        await requireWritable(trx, run)
        await db.insertMany(trx, {
          table: 'run_model_outputs',
          columns: { run_id: 'text', model_id: 'text', step: 'bigint' },
          rows: models.map(({ model, step }) => [run, model, step]),
          key: ['run_id', 'model_id', 'step'],
        })
      })
    },
    summarizeDatasets: (experiments) =>
      listDatasetSummaries(db.tables<TrackingTables>(), experiments.filter(isExperimentId).map(Number)),
  }
}

/** @throws `run.entry_invalid` */
function checkInputs({ run, datasets = [], models = [] }: LogInputsInput): DatasetInput[] {
  const refuse = (what: string, reason: string) => fail('run.entry_invalid', { run, what, reason })
  if (datasets.length > limits.inputs || models.length > limits.inputs) {
    throw refuse('the inputs', `at most ${limits.inputs} datasets and models are accepted at once`)
  }
  for (const model of models) {
    const problem = textProblem(model, limits.key)
    if (problem) throw refuse('a model input', problem)
  }
  return datasets.map(({ dataset, tags = {} }) => {
    const { schema = null, profile = null, ...rest } = dataset
    const what = `dataset "${String(dataset.name).slice(0, 200)}"`
    for (const [field, value, longest] of [
      ['name', rest.name, limits.datasetName],
      ['digest', rest.digest, limits.datasetDigest],
      ['source type', rest.sourceType, limits.datasetName],
      ['source', rest.source, limits.datasetSource],
      ['schema', schema ?? '', limits.datasetSchema],
      ['profile', profile ?? '', limits.datasetProfile],
    ] as const) {
      const isMissing = value === '' && (field === 'name' || field === 'digest')
      const problem = isMissing ? 'it is empty' : textProblem(value, longest)
      if (problem) throw refuse(what, `its ${field}: ${problem}`)
    }
    for (const [key, value] of Object.entries(tags)) {
      const problem = textProblem(key, limits.inputTagKey) ?? textProblem(value, limits.inputTagValue)
      if (problem) throw refuse(what, `its tag "${key.slice(0, 200)}": ${problem}`)
    }
    return { dataset: { ...rest, schema, profile }, tags }
  })
}

/** @throws `run.entry_invalid` */
function checkOutputs(run: string, models: readonly ModelOutput[]): void {
  const refuse = (what: string, reason: string) => fail('run.entry_invalid', { run, what, reason })
  if (models.length > limits.inputs)
    throw refuse('the outputs', `at most ${limits.inputs} are accepted at once`)
  for (const { model, step } of models) {
    const problem =
      textProblem(model, limits.key) ??
      (Number.isSafeInteger(step) ? undefined : `its step ${step} is not a whole number`)
    if (problem) throw refuse('a model output', problem)
  }
}
