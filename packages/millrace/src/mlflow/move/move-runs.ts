import { summarizePoints } from '../point-digest.ts'
import { isFatal, reasonOf } from '../reason.ts'
import type { MlflowSource, StoredExperiment, StoredLoggedModel, StoredMetric, StoredRun } from '../store.ts'
import { countArtifacts, moveArtifacts } from './move-artifacts.ts'
import type { Places } from './places.ts'
import type { Tally } from './report.ts'
import type { MoveTarget } from './target.ts'

export interface MoveContext {
  source: MlflowSource
  /** Undefined in a dry run. */
  target: MoveTarget | undefined
  tally: Tally
  places: Places
  /** Called after each run and logged model. */
  onProgress(): void
}

/** What the later steps need to know of what was copied. */
export interface MovedExperiment {
  stored: StoredExperiment
  /** Id on the target. */
  id: string
  loggedModels: StoredLoggedModel[]
}

/** Runs at once: reading, sending and comparing wait for each other otherwise. */
const concurrency = 4

/** Copies an experiment with its runs and logged models. What fails is a difference; the rest goes on. */
export async function moveExperiment(
  stored: StoredExperiment,
  context: MoveContext,
): Promise<MovedExperiment | undefined> {
  const { source, target, tally, onProgress } = context
  tally.found('experiments')
  tally.found('tags', Object.keys(stored.tags).length)
  const attempt = attempts(tally)
  const placed = target
    ? await attempt(`experiment "${stored.name}"`, () => target.putExperiment(stored))
    : { id: stored.id, outcome: 'created' as const }
  if (!placed) return undefined
  if (target && placed.outcome !== 'unchanged') tally.written('experiments')
  const imported: MovedExperiment = { stored, id: placed.id, loggedModels: [] }
  await attempt(`experiment "${stored.name}"`, () =>
    each(source.listRuns(stored), async (run) => {
      await attempt(`run ${run.id}`, () => moveRun(run, placed.id, context))
      onProgress()
    }),
  )
  await attempt(`experiment "${stored.name}"`, () =>
    each(source.listLoggedModels(stored), async (model) => {
      imported.loggedModels.push(model)
      await attempt(`logged model ${model.id}`, () => moveLoggedModel(model, placed.id, context))
      onProgress()
    }),
  )
  return imported
}

async function moveRun(run: StoredRun, experimentId: string, context: MoveContext): Promise<void> {
  const { source, target, tally, places } = context
  tally.found('runs')
  tally.found('parameters', Object.keys(run.params).length)
  tally.found('tags', Object.keys(run.tags).length)
  tally.found('datasets', run.datasets.length)
  const artifacts = source.runArtifacts(run)
  const to = target?.runArtifacts(run.id, experimentId)
  places.add(run.artifactUri, to?.location ?? '')
  if (!target || !to) {
    tally.found('metric points', (await summarizePoints(source.listMetrics(run))).count)
    await countArtifacts(artifacts, tally)
    return
  }
  const outcome = await target.putRun(run, experimentId)
  if (outcome !== 'unchanged') tally.written('runs')
  await moveMetrics(run, { ...context, target, isNew: outcome === 'created' })
  await moveArtifacts(artifacts, to, { tally, where: `run ${run.id}` })
}

/** Sends the points unless they are all there, and compares what is there with the source. */
async function moveMetrics(
  run: StoredRun,
  context: MoveContext & { target: MoveTarget; isNew: boolean },
): Promise<void> {
  const { source, target, tally } = context
  const send = async function* (pages: AsyncIterable<StoredMetric[]>) {
    for await (const page of pages) {
      if (page.length > 0) await target.putMetrics(run.id, page)
      tally.written('metric points', page.length)
      yield page
    }
  }
  let wanted = await summarizePoints(context.isNew ? send(source.listMetrics(run)) : source.listMetrics(run))
  let there = await summarizePoints(target.listMetrics(run.id))
  if (!context.isNew && there.digest !== wanted.digest) {
    wanted = await summarizePoints(send(source.listMetrics(run)))
    there = await summarizePoints(target.listMetrics(run.id))
  }
  tally.found('metric points', wanted.count)
  if (there.digest === wanted.digest) tally.verified('metric points', wanted.count)
  else {
    const reason = `its ${wanted.count} metric points are ${there.count} others there`
    tally.differ(`run ${run.id}`, reason)
  }
}

async function moveLoggedModel(
  model: StoredLoggedModel,
  experimentId: string,
  { source, target, tally, places }: MoveContext,
): Promise<void> {
  tally.found('logged models')
  tally.found('parameters', Object.keys(model.params).length)
  tally.found('tags', Object.keys(model.tags).length)
  const artifacts = source.loggedModelArtifacts(model)
  const to = target?.loggedModelArtifacts(model.id, experimentId)
  places.add(model.artifactUri, to?.location ?? '')
  if (!target || !to) return countArtifacts(artifacts, tally)
  if ((await target.putLoggedModel(model, experimentId)) !== 'unchanged') tally.written('logged models')
  await moveArtifacts(artifacts, to, { tally, where: `logged model ${model.id}` })
}

/** Makes of an error a difference, unless nothing that follows could succeed. */
export function attempts(tally: Tally) {
  return async <Result>(where: string, work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (isFatal(error)) throw error
      tally.differ(where, reasonOf(error))
      return undefined
    }
  }
}

/** Works on several items at once, taking the next one when one is done. */
async function each<Item>(items: AsyncIterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.asyncIterator]()
  let next = Promise.resolve()
  const worker = async () => {
    while (true) {
      // One at a time asks for the next item: not every source can be asked twice at once.
      const taken = next.then(() => iterator.next())
      next = taken.then(
        () => {},
        () => {},
      )
      const { done, value } = await taken
      if (done) return
      await work(value)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}
