import { finalLearner, type Model, plotLoss, usedInputs } from '@millrace/learn'
import type { BuiltInStep, StepContext } from '../pipelines/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import type { Run } from '../tracking/index.ts'
import { crossValidateLearner, splitRows, withIterations } from './cross-validation.ts'
import { logExplanations } from './explanation-plots.ts'
import { fitLearner, tailNote } from './fit-learner.ts'
import type { LearnerTask } from './learner-data.ts'
import { learnerFolder } from './learner-folder.ts'
import { learnerParams } from './learner-params.ts'
import { logPlots } from './log-plots.ts'
import { createLossLog } from './loss-log.ts'
import { trainSignature } from './signatures.ts'
import { readTrainInputs, readTrainingRows, type TrainInputs } from './train-inputs.ts'
import { featuresOf } from './training-data.ts'
import type { TrainingDeps } from './training-deps.ts'
import { finishTraining, provenanceTags, runTraining, storeFolder } from './training-run.ts'

/**
 * The step `train`: fits any learner on a training set, logs it to a run and stores the model.
 * The run is keyed by pipeline run and node; executed again after its end it gives the same model without training.
 */
export function trainStep(deps: TrainingDeps): BuiltInStep {
  const { tracking, features } = deps

  async function train(context: StepContext, run: Run, inputs: TrainInputs): Promise<string> {
    const { data: ref, learner, task, threads, crossValidation } = inputs
    const { signal } = context
    context.progress({ fraction: 0, message: 'reading the training set' })
    const set = await features.loadTrainingSet(ref.digest, { signal })
    await tracking.logBatch({
      run: run.id,
      params: learnerParams(learner),
      tags: {
        ...provenanceTags(set, { trainingSet: ref.digest, context }),
        ...(inputs.validation && { 'millrace.validation_set': inputs.validation.digest }),
      },
    })
    await tracking.logArtifact(run.id, 'learner.json', Buffer.from(JSON.stringify(learner)))
    const known = featuresOf(set)
    const { label, training, validation } = await readTrainingRows(features, { set, inputs, signal })
    const splits = crossValidation && splitRows(set, training, crossValidation)
    const { name, frame, target, times } = training
    const lossLog = createLossLog({
      log: (metrics) => tracking.logBatch({ run: run.id, metrics }),
      now: deps.clock.now,
    })
    const { model, reference, metrics, losses } = await fitLearner(
      {
        name,
        task,
        frame,
        target,
        validation: validation && { frame: validation.frame, target: validation.target },
      },
      learner,
      {
        threads,
        signal,
        onProgress: report(context, [0.1, splits ? 0.5 : 0.9], 'parts'),
        onLoss: lossLog.add,
      },
    )
    await lossLog.end()
    if (splits) {
      const folds = await crossValidateLearner(
        { rows: training, splits },
        withIterations(learner, metrics.best_iteration),
        { threads, signal, now: deps.clock.now, onProgress: report(context, [0.5, 0.9], 'folds') },
      )
      await tracking.logBatch({ run: run.id, metrics: folds })
    }
    context.progress({ fraction: 0.9, message: 'storing the model' })
    if (losses.length > 0) {
      const plot = plotLoss(losses, { best: metrics.best_iteration })
      await logPlots(tracking, run.id, { learning_curve: plot })
    }
    const folder = learnerFolder(model, { runId: run.id, createdAt: run.startedAt, reference, frame })
    if (folder.withoutOnnx !== undefined) context.log(`no ONNX: ${folder.withoutOnnx}`)
    await logExplanations(tracking, run.id, { model, frame, signal, log: context.log })
    const used = new Set(usedInputs(model.inputs).map(({ name }) => name))
    const { datasets, definitions, bundles } = set.manifest
    const manifest: ModelManifest = {
      kind: 'model',
      algorithm: finalLearner(learner).kind,
      ...outputOf(model, task),
      files: await storeFolder(deps, run.id, folder.files),
      features: known.filter(({ name }) => used.has(name)),
      ...(label && { label }),
      trainedFrom: times[0],
      // The fit has seen the validation rows, too: it ended where they wanted it.
      trainedThrough: (validation?.times ?? times).at(-1) ?? times[0],
      rows: frame.rows,
      trainingSet: ref.digest,
      ...(inputs.validation && { validationSet: inputs.validation.digest }),
      datasets,
      definitions,
      bundles,
      runId: run.id,
    }
    const digest = await finishTraining(deps, run.id, { manifest, metrics, note: tailNote })
    context.log(`model ${digest} in run ${run.id}, ${frame.rows} rows, ${used.size} features`)
    return digest
  }

  return {
    ...trainSignature,
    async run(context, given) {
      const inputs = readTrainInputs(given)
      return runTraining(deps, { context, experiment: inputs.experiment }, (run) =>
        train(context, run, inputs),
      )
    },
  }
}

/** Tells how far a part of the work is, which goes from one fraction of the whole to another. */
function report(context: StepContext, [from, to]: readonly [number, number], what: string) {
  return (done: number, total: number) =>
    context.progress({
      fraction: from + ((to - from) * done) / total,
      message: `fitted ${done} of ${total} ${what}`,
    })
}

function outputOf({ output }: Model, task: LearnerTask): Pick<ModelManifest, 'task' | 'classes'> {
  if (output.task === 'regression') return { task: task === 'recommendation' ? task : 'regression' }
  if (output.task !== 'classification') return { task: output.task }
  const { classes } = output
  const kind = classes.length === 2 ? 'binary-classification' : 'multiclass-classification'
  return { task: kind, classes: [...classes] }
}
