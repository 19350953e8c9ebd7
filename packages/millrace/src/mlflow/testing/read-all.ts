import { createHash } from 'node:crypto'
import { pointIdentity } from '../sources/distinct-points.ts'
import type { ArtifactFolder, MlflowSource, StoredExperiment } from '../store.ts'

/** Everything that a source gives, in an order that does not depend on the source. */
export async function readAll(source: MlflowSource) {
  const experiments = await collect(source.listExperiments())
  return {
    experiments: await Promise.all(
      byKey(experiments, ({ name }) => name).map((experiment) => readExperiment(source, experiment)),
    ),
    models: await Promise.all(
      byKey(await collect(source.listRegisteredModels()), ({ name }) => name).map(async (model) => ({
        ...model,
        versions: await collect(source.listModelVersions(model.name)),
      })),
    ),
    leftOut: await source.listLeftOut(experiments),
    problems: source.listProblems(),
  }
}

async function readExperiment(source: MlflowSource, experiment: StoredExperiment) {
  const runs = byKey(await collect(source.listRuns(experiment)), ({ id }) => id)
  const models = byKey(await collect(source.listLoggedModels(experiment)), ({ id }) => id)
  return {
    ...experiment,
    runs: await Promise.all(
      runs.map(async (run) => ({
        ...run,
        metrics: (await collect(source.listMetrics(run))).flat().map(pointIdentity).sort(),
        files: await readFiles(source.runArtifacts(run)),
      })),
    ),
    loggedModels: await Promise.all(
      models.map(async (model) => ({ ...model, files: await readFiles(source.loggedModelArtifacts(model)) })),
    ),
  }
}

/** Path to size and digest. */
async function readFiles(folder: ArtifactFolder): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const { path, size } of byKey(await collect(folder.list()), (file) => file.path)) {
    const hash = createHash('sha256')
    for await (const chunk of await folder.open(path)) hash.update(chunk)
    files[path] = `${size} ${hash.digest('hex').slice(0, 16)}`
  }
  return files
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

function byKey<Item>(items: Item[], key: (item: Item) => string): Item[] {
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}
