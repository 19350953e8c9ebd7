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

/** `check-consistency`: compares what an endpoint was given with what training would have had. */
export function checkConsistencyStep(serving: Pick<ServingService, 'checkConsistency'>): BuiltInStep {
  return {
    name: 'check-consistency',
    inputs: {
      endpoint: { type: 'string' },
      from: { type: 'timestamp' },
      until: { type: 'timestamp' },
      sample: { type: 'float64', optional: true },
      tolerated: { type: 'float64', optional: true },
    },
    outputs: { consistent: { type: 'boolean' }, check: { type: 'json' } },
    async run({ log, signal }, { endpoint, from, until, sample, tolerated }) {
      const check = await serving.checkConsistency(String(endpoint), {
        from: new Date(from as string).getTime(),
        until: new Date(until as string).getTime(),
        ...(typeof sample === 'number' && { sample }),
        ...(typeof tolerated === 'number' && { tolerated }),
        signal,
      })
      for (const { feature, revision, share } of check.inconsistent) {
        log(
          `${feature} of revision ${revision} differs in ${(share * 100).toFixed(2)} % of ${check.reads} reads`,
        )
      }
      return { consistent: check.consistent, check }
    },
  }
}

function isModelVersion(value: unknown): value is ModelVersionRef {
  if (typeof value !== 'object' || value === null) return false
  const { model, version } = value as Partial<ModelVersionRef>
  return typeof model === 'string' && Number.isInteger(version)
}
