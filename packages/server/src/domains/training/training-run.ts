import { Type } from 'typebox'
import { canonicalJson } from '../../kernel/hash.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { StepContext } from '../pipelines/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import type { Run } from '../tracking/index.ts'
import { modelFolderPath } from './learner-folder.ts'
import { withSystemMetrics } from './system-metrics.ts'
import type { TrainingDeps } from './training-deps.ts'

const modelTag = 'millrace.model'
export const Threads = Type.Integer({ minimum: 1, maximum: 1024 })

/**
 * Trains within a run of the experiment, keyed by pipeline run and node: executed again after its end it gives the same
 * model without training. `train` returns the digest of the model's manifest, tagged by {@link finishTraining}. A run
 * whose training fails ends as failed, or as killed if it was cancelled, with the reason as a tag.
 */
export async function runTraining(
  { tracking, clock }: TrainingDeps,
  { context, experiment }: { context: StepContext; experiment: string },
  train: (run: Run) => Promise<string>,
): Promise<{ model: { digest: string; runId: string }; runId: string }> {
  const run = await tracking.createRun({
    experiment,
    key: `${context.pipelineRun}/${context.node}`,
    name: context.node,
  })
  const measured = () =>
    withSystemMetrics(
      {
        log: (metrics) => tracking.logBatch({ run: run.id, metrics }),
        onError: (error) => context.log(`system metrics could not be logged: ${messageOf(error)}`),
        now: clock.now,
      },
      () => train(run),
    )
  const before = (await tracking.getRun(run.id)).tags[modelTag]
  try {
    const digest = before ?? (await measured())
    await tracking.finishRun(run.id, 'FINISHED')
    return { model: { digest, runId: run.id }, runId: run.id }
  } catch (error) {
    await recordFailure(tracking, { run: run.id, error, context }).catch((second: unknown) =>
      context.log(`the end of run ${run.id} could not be recorded: ${messageOf(second)}`),
    )
    throw error
  }
}

async function recordFailure(
  tracking: TrainingDeps['tracking'],
  { run, error, context }: { run: string; error: unknown; context: StepContext },
): Promise<void> {
  await tracking.logBatch({ run, tags: { 'millrace.error': messageOf(error).slice(0, 8000) } })
  await tracking.finishRun(run, context.signal.aborted ? 'KILLED' : 'FAILED')
}

/** Stores the files of a model folder, each as content and in the artifacts of the run; their digests by path. */
export async function storeFolder(
  { tracking, content }: TrainingDeps,
  run: string,
  folder: Readonly<Record<string, Uint8Array>>,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const [path, bytes] of Object.entries(folder)) {
    files[path] = (await content.putBytes(bytes)).digest
    await tracking.logArtifact(run, `${modelFolderPath}/${path}`, bytes)
  }
  return files
}

/** Stores the manifest, and logs the metrics together with the tag that makes the model the one of the run. */
export async function finishTraining(
  { tracking, content, clock }: TrainingDeps,
  run: string,
  trained: { manifest: ModelManifest; metrics: Readonly<Record<string, number>>; note: string },
): Promise<string> {
  const { digest } = await content.putBytes(Buffer.from(canonicalJson(trained.manifest)))
  const at = clock.now()
  await tracking.logBatch({
    run,
    metrics: Object.entries(trained.metrics).map(([key, value]) => ({ key, value, at, step: 0 })),
    tags: { [modelTag]: digest, 'millrace.metrics_note': trained.note },
  })
  return digest
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What a run was made from, down to definitions and code. */
export function provenanceTags(
  { manifest }: LoadedTrainingSet,
  { trainingSet, context }: { trainingSet: string; context: StepContext },
): Record<string, string> {
  const iso = (at: number) => new Date(at).toISOString()
  return {
    'millrace.pipeline_run': context.pipelineRun,
    'millrace.node': context.node,
    'millrace.training_set': trainingSet,
    'millrace.training_set.name': manifest.name,
    'millrace.training_set.from': iso(manifest.from),
    'millrace.training_set.until': iso(manifest.until),
    ...Object.fromEntries(manifest.datasets.map((ref) => [`millrace.dataset.${ref.dataset}`, ref.version])),
    ...Object.fromEntries(
      Object.entries(manifest.definitions).map(([name, hash]) => [`millrace.definition.${name}`, hash]),
    ),
    ...(manifest.bundles.length > 0 && { 'millrace.code': manifest.bundles.join(' ') }),
  }
}
