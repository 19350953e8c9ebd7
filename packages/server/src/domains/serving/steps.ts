import { fail } from '@millrace/protocol'
import type { BuiltInStep } from '../pipelines/index.ts'
import type { ModelVersionRef } from './endpoint.ts'
import type { ServingService } from './service.ts'

/** `release`: deploys a model version to an endpoint; the same node of the same run makes one revision. */
export function releaseStep(serving: Pick<ServingService, 'deploy'>): BuiltInStep {
  return {
    name: 'release',
    inputs: { model: { type: 'model-version' }, endpoint: { type: 'string' } },
    outputs: { revision: { type: 'int64' } },
    async run({ pipelineRun, node, log }, { model, endpoint }) {
      if (!isModelVersion(model)) {
        throw fail('step.input_invalid', { input: 'model', reason: 'it should be { model, version }' })
      }
      const { revision } = await serving.deploy({
        endpoint: String(endpoint),
        modelVersion: model,
        reason: `pipeline run ${pipelineRun}`,
        requestKey: `${pipelineRun}/${node}`,
      })
      log(`${model.model}/${model.version} is revision ${revision} of ${endpoint}`)
      return { revision }
    },
  }
}

function isModelVersion(value: unknown): value is ModelVersionRef {
  if (typeof value !== 'object' || value === null) return false
  const { model, version } = value as Partial<ModelVersionRef>
  return typeof model === 'string' && Number.isInteger(version)
}
