import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { dvcRemoteRoutes } from './compat/dvc/index.ts'
import { feastImportRoutes, feastRoutes } from './compat/feast/index.ts'
import { mlflowRoutes } from './compat/mlflow/index.ts'
import { type Config, stepEnvironment } from './config.ts'
import { createContentNames } from './content-names.ts'
import { artifactRoutes, createArtifactGarbage } from './domains/artifacts/index.ts'
import { catalogRoutes, createCatalogService } from './domains/catalog/index.ts'
import {
  dataRoutes,
  dataUploadRoutes,
  retentionRoutes,
  validationRoutes,
  versionDiffRoutes,
} from './domains/data/index.ts'
import { definitionRoutes } from './domains/definitions/index.ts'
import {
  createStreamTimer,
  featureRoutes,
  registerFeatureMetrics,
  registerReadMetrics,
} from './domains/features/index.ts'
import { createFileSetGarbage, dvcRoutes, fileSetRoutes } from './domains/file-sets/index.ts'
import { createContentGarbage, createGarbageService, garbageRoutes } from './domains/garbage/index.ts'
import { auditRoutes } from './domains/governance/index.ts'
import { createImportedServices, importRoutes } from './domains/imports/index.ts'
import {
  createMonitoringService,
  createReferenceReader,
  monitoringRoutes,
} from './domains/monitoring/index.ts'
import { noteRoutes } from './domains/notes/index.ts'
import {
  createPipelineService,
  createScheduler,
  pipelineRoutes,
  scheduleRoutes,
} from './domains/pipelines/index.ts'
import {
  createNamedLookup,
  createRegistryImport,
  createRegistrySearch,
  registryRoutes,
  registrySearchRoutes,
} from './domains/registry/index.ts'
import { reportRoutes } from './domains/reports/index.ts'
import {
  createServingMetrics,
  listPinnedViews,
  registerConsistencyMetrics,
  servingRoutes,
} from './domains/serving/index.ts'
import {
  createPurgeService,
  createTrackingImport,
  createTrackingSearch,
  runArtifactRoutes,
  trackingRoutes,
  trackingSearchRoutes,
} from './domains/tracking/index.ts'
import {
  createSecretBox,
  createSend,
  createWebhookDeliverer,
  createWebhookService,
  webhookRoutes,
} from './domains/webhooks/index.ts'
import { createLocalProcessExecutor } from './drivers/executor/local-process.ts'
import { createHttpServer } from './http/server.ts'
import { createLogger } from './kernel/logger.ts'
import { repeat } from './kernel/repeat.ts'
import { openSecretKey } from './secret-key.ts'
import { createServices } from './services.ts'
import { openStores } from './stores.ts'
import { version } from './version.ts'

/** Between two looks at the schedules of pipelines, which are by the minute. */
const scheduleMs = 5000

/**
 * The whole platform in one process: opens the stores, composes the services, connects their events and puts them
 * on HTTP. Nothing listens until `http.listen`.
 */
export async function createApp(config: Config) {
  const logger = createLogger(config.logLevel)
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  const stores = await openStores(config)
  registerConsistencyMetrics(metrics, stores.db)
  const services = createServices(stores, { config, logger, metrics: createServingMetrics(metrics) })
  const { clock, definitions, data, features, artifacts, tracking, registry, notes, serving } = services
  await tracking.placeDefaultExperiment()
  const executor = createLocalProcessExecutor({
    entry: fileURLToPath(new URL('./step-process.ts', import.meta.url)),
    logger,
    env: stepEnvironment(config),
    tempRoot: stores.tempDir,
    compileCacheDir: join(config.dir, 'compile-cache'),
  })
  const pipelines = createPipelineService({
    ...stores,
    ...services,
    executor,
    logger,
    concurrency: config.stepConcurrency,
    stepMemoryMb: config.stepMemoryMb,
  })
  const scheduler = createScheduler({ ...stores, clock, logger, definitions, pipelines })
  const schedules = repeat(scheduleMs, scheduler.pass, (error) =>
    logger.warn({ err: error }, 'schedules failed'),
  )
  const box = createSecretBox(await openSecretKey(join(config.dir, 'secret.key'), config.encryptionKey))
  const hooks = { ...stores, clock, logger, box, policy: config.webhooks, send: createSend(config.webhooks) }
  const webhooks = createWebhookService(hooks)
  const deliverer = createWebhookDeliverer(hooks)
  const garbage = createGarbageService({
    ...stores,
    ...services,
    garbage: createArtifactGarbage(stores),
    fileSets: createFileSetGarbage({ ...stores, ...services }),
    datasets: services.datasetRetention,
    contents: createContentGarbage({
      ...stores,
      clock,
      names: createContentNames(stores),
    }),
    listPinnedViews: () => listPinnedViews(stores),
    purges: createPurgeService(stores),
    named: createNamedLookup(stores),
  })
  const monitoring = createMonitoringService({
    ...stores,
    ...services,
    readWindow: serving.readWindow,
    findFirstEventTime: serving.findFirstEventTime,
    readReference: createReferenceReader({ registry, content: stores.content }),
    startPipeline: async (input) => (await pipelines.start({ ...input, startedBy: 'monitor' })).id,
  })

  pipelines.events.on('stepFinished', () => serving.refresh())
  pipelines.events.on('runFinished', async ({ run, state }) => {
    await serving.refresh()
    const released = (await pipelines.getRun(run)).steps.some(
      (step) => step.step === 'release' && step.state === 'succeeded',
    )
    if (!released) await monitoring.recordOutcome(run, state === 'succeeded' ? 'refused' : 'failed')
  })
  serving.events.on('rolloutEnded', async ({ revision, rollout }) => {
    // The key of a release is `<pipeline run>/<node>`; a deployment by hand has none.
    const run = revision.requestKey?.split('/')[0]
    if (run) await monitoring.recordOutcome(run, rollout.state === 'Promoted' ? 'promoted' : 'refused')
  })

  registerFeatureMetrics(metrics, { features, clock })
  registerReadMetrics(metrics, { ...stores, ...services })
  const streams = createStreamTimer({ features, logger })
  const search = { ...createTrackingSearch(stores), ...createRegistrySearch(stores) }
  const importedServices = createImportedServices(stores)
  const catalog = createCatalogService({ ...services, search })
  const http = await createHttpServer({
    version,
    logger,
    token: config.token,
    metrics,
    isReady: () => serving.isReady(),
    routes: [
      definitionRoutes(definitions),
      dataRoutes(data),
      retentionRoutes(services.datasetRetention),
      dataUploadRoutes({ data, limit: artifacts.limit }),
      validationRoutes(services.validations),
      featureRoutes(features),
      catalogRoutes(catalog),
      versionDiffRoutes({ ...stores, data }),
      fileSetRoutes({ ...services, limit: artifacts.limit }),
      dvcRoutes(services.dvc),
      dvcRemoteRoutes({ ...services, limit: artifacts.limit }),
      artifactRoutes(artifacts),
      trackingRoutes(tracking),
      trackingSearchRoutes(search),
      runArtifactRoutes(tracking, artifacts.limit),
      registryRoutes(registry),
      registrySearchRoutes(search),
      noteRoutes(notes),
      reportRoutes({ tracking, registry, notes }),
      webhookRoutes(webhooks),
      mlflowRoutes({ ...services, webhooks, search }),
      feastRoutes({ ...services, importedServices, logger }),
      feastImportRoutes({ importedServices, definitions }),
      importRoutes({
        tracking: createTrackingImport({ ...stores, clock }),
        registry: createRegistryImport({ ...stores, clock, registry }),
        artifacts,
      }),
      pipelineRoutes(pipelines),
      scheduleRoutes(scheduler),
      servingRoutes(serving),
      monitoringRoutes(monitoring),
      auditRoutes(stores.stream),
      garbageRoutes(garbage),
    ],
  })

  return {
    http,
    /** The port that it listens on: the configured one, or the one that the system chose for 0. */
    port(): number {
      const address = http.server.address()
      return typeof address === 'object' && address !== null ? address.port : config.port
    },
    /** Loads the endpoints and goes on with the runs that a former control plane left. */
    async start() {
      await serving.start()
      for (const { push, error } of await features.resumePushes()) {
        logger.warn({ push: push.id, view: push.view, error: error.message }, 'a push is refused')
      }
      await pipelines.resumeAll()
      deliverer.start()
      streams.start()
      schedules.start()
    },
    /** Answers what is in flight, stops steps (they begin again with the next control plane), closes the stores. */
    async stop() {
      await http.close()
      await schedules.stop()
      await streams.stop()
      await features.stopMaterializations()
      await pipelines.stop()
      await deliverer.stop()
      await serving.close()
      await services.reads.close()
      await executor.close()
      await stores.close()
    },
  }
}
