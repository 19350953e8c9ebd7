import { join } from 'node:path'
import type { StoredDataset, StoredRun } from '../store.ts'
import { listFolders } from './file-entries.ts'
import { invalid, openMeta } from './meta-file.ts'

/** By the name of their folder. */
export type Datasets = ReadonlyMap<string, Omit<StoredDataset, 'tags'>>

/** The datasets of an experiment. */
export async function readDatasets(folder: string): Promise<Datasets> {
  const datasets = new Map<string, Omit<StoredDataset, 'tags'>>()
  for (const id of await listFolders(folder)) {
    const meta = await openMeta(join(folder, id, 'meta.yaml'))
    datasets.set(id, {
      name: meta.text('name'),
      digest: meta.text('digest'),
      sourceType: meta.text('source_type'),
      source: meta.text('source'),
      schema: meta.textOrNull('schema'),
      profile: meta.textOrNull('profile'),
    })
  }
  return datasets
}

/** What a run has used and made. */
export async function readRunLinks(
  run: string,
  datasets: Datasets,
): Promise<Pick<StoredRun, 'datasets' | 'modelInputs' | 'modelOutputs'>> {
  const links: Pick<StoredRun, 'datasets' | 'modelInputs' | 'modelOutputs'> = {
    datasets: [],
    modelInputs: [],
    modelOutputs: [],
  }
  for (const id of await listFolders(join(run, 'inputs'))) {
    const path = join(run, 'inputs', id, 'meta.yaml')
    const meta = await openMeta(path)
    const source = meta.text('source_id')
    if (meta.text('source_type') === 'DATASET') {
      const dataset = datasets.get(source)
      if (!dataset) throw invalid(path, `dataset ${source} is not in the experiment's folder datasets`)
      links.datasets.push({ ...dataset, tags: meta.entries('tags') })
    } else links.modelInputs.push(source)
  }
  for (const id of await listFolders(join(run, 'outputs'))) {
    const meta = await openMeta(join(run, 'outputs', id, 'meta.yaml'))
    links.modelOutputs.push({ model: id, step: meta.integerOrNull('step') ?? 0 })
  }
  return links
}
