import type { DatasetVersion, DatasetVersionUse, PrunedDataset } from './data.ts'
import type { TagMove } from './file-sets.ts'
import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

/** Calls for the tags of versions of datasets, who names them, and which ones stay. */
export function datasetKeepingCalls({ send }: Pick<Transport, 'send'>) {
  return {
    /** Where the tags are, by name. */
    tags: async (dataset: string) =>
      (
        await send<{ items: Required<TagMove>[] }>({
          method: 'GET',
          path: path`/v1/datasets/${dataset}/tags`,
        })
      ).items,
    /** Moves a tag to a version. */
    tag: (dataset: string, version: string, tag: string) =>
      send<Required<TagMove>>({
        method: 'PUT',
        path: path`/v1/datasets/${dataset}/tags/${tag}`,
        body: { version },
      }),
    /** Its history stays. */
    removeTag: (dataset: string, tag: string) =>
      send<object>({
        method: 'DELETE',
        path: path`/v1/datasets/${dataset}/tags/${tag}`,
        idempotent: false,
      }),
    /** Where a tag has been, latest first. */
    tagHistory: (dataset: string, tag: string, page?: PageInput) =>
      send<Page<TagMove>>({
        method: 'GET',
        path: path`/v1/datasets/${dataset}/tags/${tag}/history`,
        query: { ...page },
      }),
    /** Who names a version, so that it stays. */
    uses: async (dataset: string, version: string) =>
      (
        await send<{ items: DatasetVersionUse[] }>({
          method: 'GET',
          path: path`/v1/datasets/${dataset}/versions/${version}/uses`,
        })
      ).items,
    /** Removes a version that nothing names; its bytes go with `garbage.collect`. */
    remove: (dataset: string, version: string) =>
      send<DatasetVersion>({
        method: 'DELETE',
        path: path`/v1/datasets/${dataset}/versions/${version}`,
        idempotent: false,
      }),
    /** Removes versions that are neither among the last, nor new enough, nor named. */
    prune: (dataset: string, input: { last: number; days?: number; dryRun?: boolean }) =>
      send<PrunedDataset>({
        method: 'POST',
        path: path`/v1/datasets/${dataset}/prune`,
        body: input,
        idempotent: true,
      }),
  }
}
