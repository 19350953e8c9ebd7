import { dirname, join } from 'node:path'
import { bundleDir, type Config, programEnvironment } from './config.ts'
import { createDatasetUses } from './dataset-uses.ts'
import { createArtifactReader, createArtifactService } from './domains/artifacts/index.ts'
import {
  createDataService,
  createDatasetRetention,
  createValidationService,
  ingestStep,
} from './domains/data/index.ts'
import { createDefinitionService, type DefinitionDeps } from './domains/definitions/index.ts'
import {
  buildTrainingSetStep,
  checkReadsStep,
  createFeatureService,
  createReadLog,
} from './domains/features/index.ts'
import {
  createBlobStore,
  createDvcService,
  createFileSetRetention,
  createFileSetService,
} from './domains/file-sets/index.ts'
import { createNoteService } from './domains/notes/index.ts'
import { type BuiltInStep, validatePipeline } from './domains/pipelines/index.ts'
import { createRegistryNoteKeepers, createRegistryService } from './domains/registry/index.ts'
import {
  checkConsistencyStep,
  createServingService,
  releaseStep,
  type ServingMetrics,
  type ServingService,
} from './domains/serving/index.ts'
import { createTrackingNoteKeepers, createTrackingService } from './domains/tracking/index.ts'
import { trainingSteps } from './domains/training/index.ts'
import { systemClock } from './kernel/clock.ts'
import type { Logger } from './kernel/logger.ts'
import { createRegistryLinks } from './registry-links.ts'
import type { Stores } from './stores.ts'

/**
 * The services that the server and every step process compose alike: a step calls the same code, on the same stores,
 * as a route does.
 */
export function createServices(
  stores: Stores,
  options: { config: Config; logger: Logger; metrics: ServingMetrics },
) {
  const { config, logger } = options
  const clock = systemClock
  // Filled below: the domains that check definitions are built on the service that stores them.
  const validators: DefinitionDeps['validators'][number][] = []
  const definitions = createDefinitionService({
    ...stores,
    clock,
    validators,
    bundleDir: bundleDir(config),
  })
  const data = createDataService({
    ...stores,
    clock,
    definitions,
    baseDir: dirname(config.dir),
    programEnvironment: programEnvironment(),
  })
  const datasetRetention = createDatasetRetention({
    ...stores,
    clock,
    definitions,
    uses: createDatasetUses(stores),
  })
  const validations = createValidationService({ ...stores, clock, definitions })
  const reads = createReadLog({ ...stores, clock, logger, dir: join(config.dir, 'reads') })
  const features = createFeatureService({ ...stores, clock, definitions, data, reads, logger })
  const blobs = createBlobStore({ ...stores, clock })
  const fileSets = createFileSetService({ ...stores, clock, blobs })
  const fileSetRetention = createFileSetRetention({ ...stores, clock })
  const dvc = createDvcService({ ...stores, clock, blobs, fileSets })
  const artifacts = createArtifactService({ ...stores, clock, maxBytes: config.artifactMaxMb * 1024 ** 2 })
  const artifactReader = createArtifactReader(artifacts, stores.artifactRoots)
  const tracking = createTrackingService({
    ...stores,
    clock,
    artifacts,
    artifactReader,
    artifactRoot: config.artifactRoot,
  })
  const links = createRegistryLinks({ tracking, artifacts, artifactReader, serving: () => serving })
  const registry = createRegistryService({ ...stores, clock, links })
  const notes = createNoteService({
    ...stores,
    keepers: {
      ...createTrackingNoteKeepers({ ...stores, clock }),
      ...createRegistryNoteKeepers({ clock }),
    },
  })
  const serving: ServingService = createServingService({
    ...stores,
    clock,
    logger,
    definitions,
    features,
    registry,
    metrics: options.metrics,
    logDir: join(config.dir, 'logs'),
  })
  const training = { ...stores, clock, definitions, features, tracking, registry }
  const steps = new Map(
    [
      ingestStep(data),
      buildTrainingSetStep(features),
      checkReadsStep(features),
      ...trainingSteps(training),
      releaseStep(serving),
      checkConsistencyStep(serving),
    ].map((step): [string, BuiltInStep] => [step.name, step]),
  )
  validators.push(data.checkDefinition, features.checkDefinition, (definition) => {
    if (definition.kind === 'pipeline') validatePipeline(definition, steps)
  })
  return {
    clock,
    definitions,
    data,
    datasetRetention,
    validations,
    reads,
    features,
    blobs,
    fileSets,
    fileSetRetention,
    dvc,
    artifacts,
    artifactReader,
    tracking,
    registry,
    notes,
    serving,
    steps,
  }
}
