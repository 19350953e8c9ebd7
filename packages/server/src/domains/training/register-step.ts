import { fail } from '@millrace/protocol'
import type { BuiltInStep } from '../pipelines/index.ts'
import { checkModelName, isUnlabelled, type ModelManifest, readManifest, specOf } from '../registry/index.ts'
import { comparedScores, readEvaluation } from './evaluation.ts'
import { modelFolderPath } from './learner-folder.ts'
import { registerModelSignature } from './signatures.ts'
import { EvaluationInput, ModelInput, readInput, Text } from './step-input.ts'
import type { TrainingDeps } from './training-deps.ts'

/**
 * The step `register-model`: adds the model as the next version of a name, READY if its evaluation was passed, else
 * REJECTED with the reason. A model that learnt without a label needs no evaluation. Executed again it gives the same
 * version.
 */
export function registerModelStep({ registry, content }: TrainingDeps): BuiltInStep {
  /** What the evaluation says; a model that has no label to be judged by needs none. */
  async function judge(given: unknown, { manifest, digest }: { manifest: ModelManifest; digest: string }) {
    if (given === undefined || given === null) {
      if (isUnlabelled(manifest.task)) {
        const reason = `not judged: a model for ${manifest.task} has no label to be judged by`
        return { passed: true, reason, evaluation: null, metrics: {} }
      }
      const reason = `a model for ${manifest.task} must be judged first; give what the step evaluate says of it`
      throw fail('step.input_invalid', { input: 'evaluation', reason })
    }
    const read = readInput('evaluation', EvaluationInput, given)
    const evaluation = await readEvaluation(content, read.digest)
    if (evaluation.model !== digest) {
      const reason = `it is about model ${evaluation.model}, not ${digest}`
      throw fail('step.input_invalid', { input: 'evaluation', reason })
    }
    const { passed, reason } = evaluation
    return { passed, reason, evaluation: read.digest, metrics: comparedScores(evaluation) }
  }

  return {
    ...registerModelSignature,
    async run(context, given) {
      const model = readInput('model', ModelInput, given.model)
      const name = readInput('name', Text, given.name)
      checkModelName(name)
      const manifest = await readManifest(content, model.digest)
      const gate = await judge(given.evaluation, { manifest, digest: model.digest })
      const registered = await registry.registerVersion({
        model: name,
        key: `${context.pipelineRun}/${context.node}`,
        manifest: model.digest,
        spec: specOf(manifest),
        path: modelFolderPath,
        gate,
        tags: {
          trained_from: new Date(manifest.trainedFrom).toISOString(),
          trained_through: new Date(manifest.trainedThrough).toISOString(),
        },
        lineage: {
          run: manifest.runId,
          trainingSet: manifest.trainingSet,
          datasets: manifest.datasets,
          definitions: manifest.definitions,
          bundles: manifest.bundles,
        },
      })
      context.log(`${name}/${registered.version} is ${registered.status}: ${gate.reason}`)
      return { version: { model: name, version: registered.version } }
    },
  }
}
