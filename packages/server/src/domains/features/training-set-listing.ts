import { isPlatformError } from '@millrace/protocol'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import { type Db, listTrainingSets } from './store.ts'
import type { TrainingSetManifest } from './training-set.ts'
import { getManifest } from './training-set-content.ts'

/** What one needs to know of a training set to choose it. */
export interface TrainingSetSummary
  extends Pick<
    TrainingSetManifest,
    'name' | 'rows' | 'from' | 'until' | 'columns' | 'timestamp' | 'features' | 'label'
  > {
  digest: string
  /** Bytes of the Parquet file. */
  size: number
  /** Milliseconds. */
  createdAt: number
}

/** Training sets, newest first; of one definition with `name`. */
export async function listSummaries(
  { tables, content }: { tables: Db; content: ContentStore },
  { name }: { name?: string },
  page?: PageInput,
): Promise<Page<TrainingSetSummary>> {
  const { items, nextPageToken } = await readPage(page, (range) => listTrainingSets(tables, { name }, range))
  const found = await Promise.all(items.map((item) => summarize(content, item)))
  return { items: found.filter((one) => one !== undefined), ...(nextPageToken && { nextPageToken }) }
}

/** undefined for a training set whose content is gone: it would be built again. */
async function summarize(
  content: ContentStore,
  { digest, createdAt }: { digest: string; createdAt: number },
): Promise<TrainingSetSummary | undefined> {
  let manifest: TrainingSetManifest
  try {
    manifest = await getManifest(content, digest)
  } catch (error) {
    if (isPlatformError(error) && error.code === 'training_set.not_found') return undefined
    throw error
  }
  const { name, rows, from, until, timestamp, label, features, columns } = manifest
  const shown = { digest, name, rows, from, until, timestamp, label, features, columns }
  return { ...shown, size: manifest.content.size, createdAt }
}
