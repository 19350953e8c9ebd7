import { createRunArtifactService, type RunArtifactService } from './artifact-service.ts'
import type { TrackingDeps } from './deps.ts'
import type { ExperimentService } from './experiment.ts'
import { createExperimentService } from './experiment-service.ts'
import type { InputService } from './input.ts'
import { createInputService } from './input-service.ts'
import type { LoggedModelService } from './logged-model.ts'
import { createLoggedModelService } from './logged-model-service.ts'
import type { MetricService } from './metric.ts'
import { createMetricService } from './metric-service.ts'
import { createPendingMetrics, type PendingLimits } from './pending-metrics.ts'
import type { RunService } from './run.ts'
import type { RunGroupService } from './run-group.ts'
import { createRunGroupService } from './run-group-service.ts'
import { createRunService } from './run-service.ts'
import { createTagService, type TagService } from './tag-service.ts'

export type TrackingService = ExperimentService &
  RunService &
  RunGroupService &
  MetricService &
  InputService &
  LoggedModelService &
  RunArtifactService &
  TagService

export function createTrackingService(deps: TrackingDeps, limits?: PendingLimits): TrackingService {
  const pending = createPendingMetrics(deps.db, limits)
  const runs = createRunService({ ...deps, pending })
  return {
    ...createExperimentService(deps),
    ...runs,
    ...createRunGroupService({ ...deps, pending }),
    ...createMetricService({ ...deps, pending }),
    ...createInputService(deps),
    ...createLoggedModelService(deps),
    ...createTagService(deps),
    ...createRunArtifactService({
      artifacts: deps.artifacts,
      reader: deps.artifactReader,
      getRun: (id) => runs.getRunInfo(id),
    }),
  }
}
