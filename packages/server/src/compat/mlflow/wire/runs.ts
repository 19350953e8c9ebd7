import type { Run, RunDetail } from '../../../domains/tracking/index.ts'
import { orAbsent } from '../endpoint.ts'
import { fromRecord } from './entries.ts'
import { fromMetric } from './metrics.ts'

export function fromRunInfo(run: Run): object {
  return {
    run_id: run.id,
    run_uuid: run.id,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.user,
    status: run.status,
    start_time: run.startedAt,
    end_time: run.endedAt ?? undefined,
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycleStage,
  }
}

export function fromRun(run: RunDetail): object {
  return {
    info: fromRunInfo(run),
    data: {
      metrics: orAbsent(run.metrics.map(fromMetric)),
      params: fromRecord(run.params),
      tags: fromRecord(run.tags),
    },
    inputs: {
      dataset_inputs: orAbsent(
        run.inputs.map(({ dataset, tags }) => ({
          tags: fromRecord(tags),
          dataset: {
            name: dataset.name,
            digest: dataset.digest,
            source_type: dataset.sourceType,
            source: dataset.source,
            schema: dataset.schema ?? undefined,
            profile: dataset.profile ?? undefined,
          },
        })),
      ),
      model_inputs: orAbsent(run.modelInputs.map((model_id) => ({ model_id }))),
    },
    outputs: {
      model_outputs: orAbsent(run.modelOutputs.map(({ model, step }) => ({ model_id: model, step }))),
    },
  }
}
