import { type Definition, fail } from '@millrace/protocol'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import { type DatasetLogEntry, type DatasetSummary, listDatasets, listLog } from './catalog.ts'
import { checkDataset } from './check-dataset.ts'
import { emptyRelation } from './column-types.ts'
import type { DatasetVersion, DatasetVersionRef } from './dataset-version.ts'
import { withHold } from './holds.ts'
import { ingest } from './ingest.ts'
import type { IngestDeps, IngestInput } from './ingestion.ts'
import { openParts, type Part, partsRelation } from './part.ts'
import { listParts } from './part-store.ts'
import { listRejected, type RejectedRow } from './rejected.ts'
import { listRejectedFiles } from './rejected-store.ts'
import {
  type DataTables,
  findLatest,
  findVersion,
  listValidations,
  listVersions,
  type StoredValidation,
} from './store.ts'
import { resolveVersion } from './version-lookup.ts'

export interface DataService {
  /**
   * Registers the source as a version: checked, typed, with its derived columns, sorted by event time. Mode `replace`:
   * the source as a whole; equal rows are the same version, and the same files under the same definition cost one
   * digest. Mode `append`: the parts of the latest version, then what is new in the source as one part more; the
   * latest version if nothing is.
   * @throws `dataset.source_unreadable`, `dataset.source_empty`, `dataset.schema_mismatch`;
   * `dataset.append_refused`, `dataset.source_changed` where rows cannot be appended;
   * `dataset.expectation_failed`, then nothing is registered but the validation result is kept
   */
  ingest(input: IngestInput): Promise<DatasetVersion>
  /** @throws `dataset.version_not_found` */
  getVersion(ref: DatasetVersionRef): Promise<DatasetVersion>
  /** The version registered last; `dataset.version_not_found` if there is none. */
  latestVersion(dataset: string): Promise<DatasetVersion>
  /** By its id, the beginning of it, a tag, or `latest`. @throws `dataset.version_not_found` */
  resolveVersion(ref: DatasetVersionRef): Promise<DatasetVersion>
  /** Datasets that have versions, by name. */
  listDatasets(page?: PageInput): Promise<Page<DatasetSummary>>
  /** Latest first: when, how, what is new. @throws `dataset.version_not_found` if there is none */
  listLog(dataset: string, page?: PageInput): Promise<Page<DatasetLogEntry>>
  /**
   * Runs work during which nobody can remove the versions.
   * @param holder what the work is, for those who ask
   * @throws `dataset.version_not_found`
   */
  hold<Result>(
    versions: readonly DatasetVersionRef[],
    holder: string,
    work: () => Promise<Result>,
  ): Promise<Result>
  /** Newest first. */
  listVersions(dataset: string, page?: PageInput): Promise<Page<DatasetVersion>>
  /** The parts of a version, in their order. @throws `dataset.version_not_found` */
  listParts(ref: DatasetVersionRef, page?: PageInput): Promise<Page<Part>>
  /**
   * A local file with the rows of the part of that number, from 0 (Parquet).
   * @throws `dataset.version_not_found`, `dataset.part_not_found`
   */
  openPart(ref: DatasetVersionRef, position: number): Promise<Part & { path: string }>
  /** Rows that could not be read when this version's newest rows were. @throws `dataset.version_not_found` */
  listRejected(ref: DatasetVersionRef, page?: PageInput): Promise<Page<RejectedRow>>
  /** Newest first, those that stopped a version too. */
  listValidations(dataset: string, page?: PageInput): Promise<Page<StoredValidation>>
  /**
   * The version as a relation for the lake: its own columns, part after part, each in the order of event time, and on
   * demand the column `file_row_number`, from 0 and through all parts. With `from` or `until` parts are left out that
   * have no event in that time (milliseconds, both ends inclusive); of the others all rows are there.
   */
  relation(ref: DatasetVersionRef, options?: RelationOptions): Promise<string>
  /** Checks the SQL and the expectations of a dataset definition; a validator of definitions. */
  checkDefinition(definition: Definition): Promise<void>
}

export interface RelationOptions {
  rowNumbers?: boolean
  from?: number
  until?: number
}

export type DataDeps = IngestDeps

export function createDataService(deps: DataDeps): DataService {
  const tables = () => deps.db.tables<DataTables>()

  async function getVersion({ dataset, version }: DatasetVersionRef): Promise<DatasetVersion> {
    const found = await findVersion(tables(), dataset, version)
    if (!found) throw fail('dataset.version_not_found', { dataset, version })
    return found
  }

  return {
    ingest: (input) => ingest(deps, input),
    getVersion,
    async latestVersion(dataset) {
      const latest = await findLatest(tables(), dataset)
      if (!latest) throw fail('dataset.version_not_found', { dataset, version: 'latest' })
      return latest
    },
    resolveVersion: (ref) => resolveVersion(tables(), ref),
    listDatasets: (page) => readPage(page, (range) => listDatasets(tables(), range)),
    async listLog(dataset, page) {
      await resolveVersion(tables(), { dataset, version: 'latest' })
      return readPage(page, (range) => listLog(tables(), dataset, range))
    },
    hold: (versions, holder, work) => withHold(deps, { versions, holder }, work),
    listVersions: (dataset, page) => readPage(page, (range) => listVersions(tables(), dataset, range)),
    async listParts(ref, page) {
      await getVersion(ref)
      return readPage(page, (range) => listParts(tables(), ref, range))
    },
    async openPart(ref, position) {
      const { partCount } = await getVersion(ref)
      const [part] = await listParts(tables(), ref, { offset: position, limit: 1 })
      if (!part) throw fail('dataset.part_not_found', { ...ref, position, parts: partCount })
      return { ...part, path: await deps.content.openLocal(part.digest) }
    },
    async listRejected(ref, page) {
      await getVersion(ref)
      const files = await listRejectedFiles(tables(), ref)
      return readPage(page, async ({ offset, limit }) => {
        const rows: RejectedRow[] = []
        let before = 0
        for (const { digest, rows: count } of files) {
          const start = Math.max(0, offset - before)
          before += count
          if (start >= count || rows.length === limit) continue
          const path = await deps.content.openLocal(digest)
          rows.push(...(await listRejected(deps.lake, path, { offset: start, limit: limit - rows.length })))
        }
        return rows
      })
    },
    listValidations: (dataset, page) => readPage(page, (range) => listValidations(tables(), dataset, range)),
    async relation(ref, { rowNumbers, from = -Infinity, until = Infinity } = {}) {
      const { schema } = await getVersion(ref)
      if (rowNumbers && (from !== -Infinity || until !== Infinity))
        throw new TypeError('Rows are numbered through all parts: none can be left out')
      const all = await listParts(tables(), ref)
      const parts = all.filter(
        ({ minTime = -Infinity, maxTime = Infinity }) => minTime <= until && maxTime >= from,
      )
      if (parts.length === 0) return emptyRelation(schema)
      const files = await openParts(deps.content, parts)
      return partsRelation(
        parts.map(({ rows }, i) => ({ path: files[i], rows })),
        { rowNumbers },
      )
    },
    async checkDefinition(definition) {
      if (definition.kind === 'dataset') await checkDataset(deps.lake, definition)
    },
  }
}
