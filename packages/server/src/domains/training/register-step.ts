import { fail } from '@millrace/protocol'
import type { BuiltInStep } from '../pipelines/index.ts'
import { checkModelName, readManifest, specOf } from '../registry/index.ts'
import { comparedScores, readEvaluation } from './evaluation.ts'
import { modelFolderPath } from './learner-folder.ts'
import { registerModelSignature } from './signatures.ts'
import { EvaluationInput, ModelInput, readInput, Text } from './step-input.ts'
import type { TrainingDeps } from './training-deps.ts'

/**
 * The step `register-model`: adds the model as the next version of a name, READY if its evaluation was passed, else
 * REJECTED with the reason. Executed again it gives the same version.
 */
export function registerModelStep({ registry, content }: TrainingDeps): BuiltInStep {
  return {
    ...registerModelSignature,
    async run(context, given) {
      const model = readInput('model', ModelInput, given.model)
      const { digest } = readInput('evaluation', EvaluationInput, given.evaluation)
      const name = readInput('name', Text, given.name)
      checkModelName(name)
      const manifest = await readManifest(content, model.digest)
      const evaluation = await readEvaluation(content, digest)
      if (evaluation.model !== model.digest) {
        throw fail('step.input_invalid', {
          input: 'evaluation',
          reason: `it is about model ${evaluation.model}, not ${model.digest}`,
        })
      }
      const { passed, reason } = evaluation
      const registered = await registry.registerVersion({
        model: name,
        key: `${context.pipelineRun}/${context.node}`,
        manifest: model.digest,
        spec: specOf(manifest),
        path: modelFolderPath,
        gate: {
          passed,
          reason,
          evaluation: digest,
          metrics: comparedScores(evaluation),
        },
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
      context.log(`${name}/${registered.version} is ${registered.status}: ${reason}`)
      return { version: { model: name, version: registered.version } }
    },
  }
}
