import type { Definition } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { canonicalJson } from '../../kernel/hash.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import { quoteText } from '../../kernel/sql.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import type { OnlineStore } from '../../ports/online-store.ts'
import type { SecretStore } from '../../ports/secret-store.ts'
import { checkVersions, type DataService, type DatasetVersionRef, type DataTables } from '../data/index.ts'
import type { DefinitionService, Lookup } from '../definitions/index.ts'
import { checkFeatureDefinition } from './check-definition.ts'
import { compareReads, type ReadComparison } from './consistency.ts'
import type { ConsistencyInput } from './consistency-judgement.ts'
import { createTrainingSetUses } from './dataset-uses.ts'
import type { ReadColumns } from './logged-reads.ts'
import {
  createMaterializations,
  type MaterializationDeps,
  type MaterializationService,
} from './materialization-service.ts'
import { createSelections, type OnlineSelection } from './online-features.ts'
import { compileReader, type OnlineReader } from './online-reader.ts'
import type { Selection } from './online-selection.ts'
import { createPusher, type Pushed, type PushInput, type ResumedPushes } from './push.ts'
import { createRangeCounts, type RangeCount } from './range-counts.ts'
import { checkReads, type ServiceConsistencyCheck } from './read-check.ts'
import type { ReadLog } from './read-log.ts'
import { listServiceChecks } from './read-store.ts'
import type { RequestRow } from './request-row.ts'
import { loadView, pinDefinitions, planOfView, planService, type ServicePlan } from './service-plan.ts'
import { addTrainingSet, type FeatureTables, findTrainingSet, listTrainingSetsFrom } from './store.ts'
import type { AcceptedEvents } from './stream-accept.ts'
import { createStreams, type StreamAdvance, type StreamStatus } from './streams.ts'
import type { Topic } from './topics.ts'
import type {
  BuildTrainingSetInput,
  LoadedTrainingSet,
  TrainingSet,
  TrainingSetManifest,
} from './training-set.ts'
import { buildTrainingSet } from './training-set-builder.ts'
import { getManifest } from './training-set-content.ts'
import { listSummaries, type TrainingSetSummary } from './training-set-listing.ts'
import { planTrainingSet } from './training-set-plan.ts'
import type { ViewPlan } from './view-plan.ts'
import { type WrittenValues, writeValues } from './write-values.ts'

export interface FeatureService extends MaterializationService {
  /**
   * The point-in-time join of the spine's rows with the service's features and the label, stored by content.
   * The same inputs give the same digest; the second call finds it and costs nothing.
   * @throws `training_set.empty` naming what the spine covers
   */
  buildTrainingSet(input: BuildTrainingSetInput): Promise<TrainingSet>
  /** @throws `training_set.not_found` */
  getTrainingSet(digest: string): Promise<TrainingSetManifest>
  /** Newest first; those of one definition with `name`. */
  listTrainingSets(filter?: { name?: string }, page?: PageInput): Promise<Page<TrainingSetSummary>>
  /** Those that were made from a version of a dataset, newest first. */
  findTrainingSets(from: DatasetVersionRef, limit: number): Promise<{ name: string; digest: string }[]>
  /**
   * The rows to take elsewhere: as the Parquet file that they are kept in, and written as Arrow.
   * @throws `training_set.not_found`
   */
  openTrainingSet(digest: string): Promise<{
    name: string
    /** A local file; `digest` is its own. */
    file: { path: string; size: number; digest: string }
    writeArrow(): AsyncIterable<Uint8Array>
  }>
  /** The rows as columns, in the order of the manifest. @throws `training_set.not_found` */
  loadTrainingSet(digest: string, options?: { signal?: AbortSignal }): Promise<LoadedTrainingSet>
  /**
   * A compiled reader of one feature service for requests. It follows applied definitions, unless it is pinned by
   * `definitions` (`kind/name` -> content hash, as manifests have it): then it computes the features of just those
   * versions, with their code and out of their online values, until its owner closes it.
   * @throws `definition.not_found` for one without a pin, `definition.version_not_found`
   */
  createOnlineReader(
    service: string,
    options?: { definitions?: Readonly<Record<string, string>> },
  ): Promise<OnlineReader>
  /**
   * Makes a feature service, or features as `view:feature`, ready to be read out of the online store with the
   * definitions as they are now; what was opened before is found again.
   * @throws `definition.not_found`, `feature.not_found`, `feature.selection_invalid`
   */
  openSelection(selection: Selection): Promise<OnlineSelection>
  /**
   * Writes rows as they come to the online store (the newest-row features of the view; windows follow with the next
   * materialization), as a new version to the dataset, or both: then all or nothing, also across a crash.
   * @throws `feature.row_invalid`, `feature.push_refused`; what ingestion throws
   */
  push(input: PushInput): Promise<Pushed>
  /** Goes on with pushes that a crash came between; gives those that were refused. */
  resumePushes(): Promise<ResumedPushes>
  /**
   * Takes events of a view that has a stream: rows as the dataset's source has them. What is accepted survives a crash.
   * @throws `feature.row_invalid`, `feature.push_refused`
   */
  acceptEvents(view: string, rows: readonly RequestRow[]): Promise<AcceptedEvents>
  /** Appends rows to a topic that views read. @throws `definition.not_found` for a topic that none reads */
  appendEvents(topic: string, rows: readonly RequestRow[]): Promise<{ topic: string; events: number }>
  listTopics(): Promise<Topic[]>
  /** @throws `feature.push_refused` for a view without a stream */
  getStream(view: string): Promise<StreamStatus>
  listStreams(): Promise<StreamStatus[]>
  /** Brings accepted events to their datasets and to the online store, as far as that is due; to be called often. */
  advanceStreams(): Promise<StreamAdvance>
  /** Writes feature values that were computed elsewhere. @throws `feature.row_invalid`, `feature.push_refused` */
  writeValues(view: string, rows: readonly RequestRow[]): Promise<WrittenValues>
  /**
   * Compares what online reads gave with what training has for the same keys and times, by the pinned versions of the
   * definitions and the newest versions of the datasets.
   * @throws `definition.not_found` for one without a pin, `definition.version_not_found`
   */
  compareReads(
    input: ComparedReads & {
      /** The reads as `ComparisonInput` wants them, given the columns of the request and the features. */
      reads(columns: ReadColumns): string
    },
    options?: LakeOptions,
  ): Promise<ReadComparison>
  /**
   * Compares logged reads of a feature service with what training would have had at the time of each.
   * @throws `definition.not_found`, `request.invalid`
   */
  checkReads(service: string, input: ConsistencyInput): Promise<ServiceConsistencyCheck>
  /** Newest first. @throws `definition.not_found` */
  listReadChecks(service: string, page?: PageInput): Promise<Page<ServiceConsistencyCheck>>
  /** Values outside of the ranges of their features that this process was asked for. */
  listOutsideRange(): RangeCount[]
  /** Checks the SQL of feature views and training sets; a validator of definitions. */
  checkDefinition(definition: Definition, find: Lookup): Promise<void>
}

interface ComparedReads {
  service: string
  /** Of the service, if reads of it alone are compared. */
  view?: string
  /** Content hashes by `kind/name`. */
  definitions: Readonly<Record<string, string>>
  /** Share of the keys. */
  sample: number
}

export interface FeatureDeps {
  db: Database
  content: ContentStore
  lake: Lake
  online: OnlineStore
  clock: Clock
  definitions: MaterializationDeps['definitions'] &
    Pick<DefinitionService, 'get' | 'getVersion' | 'list' | 'loadFunction' | 'events'>
  stream: EventStream
  reads: ReadLog
  data: Pick<DataService, 'relation' | 'latestVersion' | 'ingest' | 'hold'>
  secrets: SecretStore
  tempDir: string
  logger: MaterializationDeps['logger']
}

export function createFeatureService(deps: FeatureDeps): FeatureService {
  const tables = () => deps.db.tables<FeatureTables>()
  /** Counts applies: what was resolved under another number is resolved again. */
  let generation = 0
  /** What the open pinned readers read. */
  const pinned = new Set<ServicePlan>()
  const views = new Map<string, { generation: number; plan: Promise<ViewPlan> }>()
  deps.definitions.events.on('applied', () => {
    generation++
  })
  const rangeCounts = createRangeCounts()
  const trainingSetUses = createTrainingSetUses(deps)
  const openSelection = createSelections({ ...deps, rangeCounts }, () => generation)

  function viewOf(name: string): Promise<ViewPlan> {
    const known = views.get(name)
    if (known?.generation === generation) return known.plan
    const plan = loadView(deps, name).then((loaded) => loaded.plan)
    views.set(name, { generation, plan })
    plan.catch(() => views.delete(name))
    return plan
  }

  /** The view as it is now, then its other versions that are in use. */
  async function versionsOf(name: string): Promise<[ViewPlan, ...ViewPlan[]]> {
    const current = await viewOf(name)
    const versions = new Map<string, ViewPlan>()
    for (const { views } of pinned) {
      for (const view of views) if (view.name === name) versions.set(view.version, view)
    }
    versions.delete(current.version)
    return [current, ...versions.values()]
  }

  const materializations = createMaterializations({
    ...deps,
    viewOf,
    versionsOf,
    pinnedVersions: (name) =>
      [...pinned].flatMap(({ views }) => views.flatMap((view) => (view.name === name ? [view.version] : []))),
  })
  const pusher = createPusher({ ...deps, versionsOf })
  const streams = createStreams({
    ...deps,
    viewOf,
    materialize: materializations.materialize,
  })

  async function createPinnedReader(service: string, pins: Readonly<Record<string, string>>) {
    const definitions = pinDefinitions(deps.definitions, pins)
    const plan = await planService({ lake: deps.lake, definitions }, service)
    pinned.add(plan)
    return {
      ...compileReader(deps.online, plan, undefined, rangeCounts),
      close: () => void pinned.delete(plan),
    }
  }

  async function compare(
    { service, view, definitions: pins, sample }: ComparedReads,
    reads: (columns: ReadColumns) => string,
    options: LakeOptions,
  ) {
    const definitions = pinDefinitions(deps.definitions, pins)
    const whole = await planService({ lake: deps.lake, definitions }, service)
    const plan = view === undefined ? whole : planOfView(whole, view)
    const { request, features } = plan
    const relation = reads({ request, features, timestamp: plan.service.timestamp })
    return compareReads(deps, { plan, reads: relation, sample }, options)
  }

  return {
    ...materializations,
    async buildTrainingSet(input) {
      const plan = await planTrainingSet(deps, input)
      const known = await findTrainingSet(tables(), plan.inputs)
      if (known && (await deps.content.has(known.digest))) {
        return { ...known, manifest: await getManifest(deps.content, known.digest) }
      }
      const { datasets } = plan
      return deps.data.hold(datasets, `a build of the training set ${input.name}`, async () => {
        const manifest = await buildTrainingSet(deps, input, plan)
        const { digest } = await deps.content.putBytes(Buffer.from(canonicalJson(manifest), 'utf8'))
        const built = { digest, name: manifest.name, rows: manifest.rows }
        await deps.db.transaction<FeatureTables & DataTables, void>(async (trx) => {
          await checkVersions(trx, datasets)
          await addTrainingSet(trx, { ...built, datasets, inputs: plan.inputs, now: deps.clock.now() })
        })
        return { ...built, manifest }
      })
    },
    getTrainingSet: (digest) => getManifest(deps.content, digest),
    listTrainingSets: (filter = {}, page) =>
      listSummaries({ tables: tables(), content: deps.content }, filter, page),
    async findTrainingSets(from, limit) {
      await trainingSetUses.prepare?.()
      return listTrainingSetsFrom(tables(), from, limit)
    },
    async openTrainingSet(digest) {
      const { name, rows, columns, content } = await getManifest(deps.content, digest)
      const path = await deps.content.openLocal(content.digest)
      return {
        name,
        file: { path, ...content },
        async *writeArrow() {
          // Loaded when it is asked for: few do.
          const { writeArrow } = await import('./training-set-arrow.ts')
          yield* writeArrow(deps.lake, { path, rows, columns })
        },
      }
    },
    async loadTrainingSet(digest, options) {
      const manifest = await getManifest(deps.content, digest)
      const file = quoteText(await deps.content.openLocal(manifest.content.digest))
      return { manifest, ...(await deps.lake.columns(`SELECT * FROM read_parquet(${file})`, options)) }
    },
    async createOnlineReader(service, { definitions } = {}) {
      if (definitions) return createPinnedReader(service, definitions)
      const compile = async () =>
        compileReader(deps.online, await planService(deps, service), deps.reads, rangeCounts)
      let reader = await compile()
      let compiledAt = generation
      return {
        get features() {
          return reader.features
        },
        get request() {
          return reader.request
        },
        get service() {
          return reader.service
        },
        get views() {
          return reader.views
        },
        close: () => undefined,
        async read(rows) {
          if (compiledAt !== generation) {
            const now = generation
            reader = await compile()
            compiledAt = now
          }
          return reader.read(rows)
        },
      }
    },
    openSelection,
    push: pusher.push,
    resumePushes: pusher.resume,
    acceptEvents: streams.accept,
    appendEvents: streams.appendEvents,
    listTopics: streams.listTopics,
    getStream: streams.status,
    listStreams: streams.list,
    advanceStreams: streams.advance,
    writeValues: async (view, rows) => writeValues(deps, await viewOf(view), rows),
    compareReads: ({ reads, ...input }, options = {}) => compare(input, reads, options),
    checkReads: async (name, input) =>
      checkReads({ ...deps, compare }, await deps.definitions.get('feature-service', name), input),
    async listReadChecks(name, page) {
      await deps.definitions.get('feature-service', name)
      return readPage(page, (range) => listServiceChecks(deps.db, name, range))
    },
    listOutsideRange: rangeCounts.list,
    checkDefinition: (definition, find) => checkFeatureDefinition(deps.lake, definition, find),
  }
}
