import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetDefinition, type Definition, type Expectation, fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { Lake } from '../../ports/lake.ts'
import { columnsOfDataset, type DefinitionService, versionOf } from '../definitions/index.ts'
import { sqlType } from './column-types.ts'
import { type DatasetVersion, type DatasetVersionRef, datasetVersionId } from './dataset-version.ts'
import { checkRegex, validate } from './expectations.ts'
import { checkExpression } from './expression.ts'
import { missingForNaN, openSource, reading, type Source, sourceRelation } from './source.ts'
import { columnStatistics } from './statistics.ts'
import {
  addValidation,
  addVersion,
  type DataTables,
  findVersion,
  listValidations,
  listVersions,
  type StoredValidation,
} from './store.ts'
import { describeFailures } from './validation.ts'

interface IngestInput {
  dataset: string
  /** Instead of the definition's; relative ones start at the project folder. */
  path?: string
  onProgress?(progress: { fraction: number; message: string }): void
  signal?: AbortSignal
}

interface Page<Item> {
  items: Item[]
  nextPageToken?: string
}

interface PageInput {
  limit?: number
  pageToken?: string
}

export interface DataService {
  /**
   * Registers the source as a version: checked, typed, with its derived columns, sorted by event time. The same
   * file under the same definition is the same version and costs one digest.
   * @throws `dataset.source_unreadable`, `dataset.source_empty`, `dataset.schema_mismatch`;
   * `dataset.expectation_failed`, then nothing is registered but the validation result is kept
   */
  ingest(input: IngestInput): Promise<DatasetVersion>
  /** @throws `dataset.version_not_found` */
  getVersion(ref: DatasetVersionRef): Promise<DatasetVersion>
  /** The version registered last; `dataset.version_not_found` if there is none. */
  latestVersion(dataset: string): Promise<DatasetVersion>
  /** Newest first. */
  listVersions(dataset: string, page?: PageInput): Promise<Page<DatasetVersion>>
  /** Newest first, those that stopped a version too. */
  listValidations(dataset: string, page?: PageInput): Promise<Page<StoredValidation>>
  /**
   * The version as a relation for the lake: its own columns, in the order of event time, and on demand the column
   * `file_row_number`, from 0.
   */
  relation(ref: DatasetVersionRef, options?: { rowNumbers?: boolean }): Promise<string>
  /** Checks the SQL and the expectations of a dataset definition; a validator of definitions. */
  checkDefinition(definition: Definition): Promise<void>
}

export interface DataDeps {
  db: Database
  content: ContentStore
  lake: Lake
  clock: Clock
  definitions: Pick<DefinitionService, 'get' | 'list'>
  /** Where relative source paths start: the project folder. */
  baseDir: string
  tempDir: string
}

export function createDataService(deps: DataDeps): DataService {
  const tables = () => deps.db.tables<DataTables>()

  async function getVersion({ dataset, version }: DatasetVersionRef): Promise<DatasetVersion> {
    const found = await findVersion(tables(), dataset, version)
    if (!found) throw fail('dataset.version_not_found', { dataset, version })
    return found
  }

  /** The definition's expectations, after those that point-in-time joins rest on: event time and keys are there. */
  async function expectationsOf(definition: DatasetDefinition): Promise<Expectation[]> {
    const views = (await deps.definitions.list('feature-view')).filter(
      (view) => view.from === definition.name,
    )
    const entities = await Promise.all(views.map((view) => deps.definitions.get('entity', view.entity)))
    const needed = [
      definition.timestamp,
      ...views.map((view) => view.timestamp),
      ...entities.flatMap((entity) => Object.keys(entity.key)),
    ]
    const type = 'expect_column_values_to_not_be_null' as const
    const asked = definition.expectations.filter((e) => e.type === type && e.severity === 'stop' && !e.mostly)
    const missing = new Set(needed.filter((column) => !asked.some((e) => e.column === column)))
    return [
      ...[...missing].map((column) => ({ type, column, kwargs: {}, severity: 'stop' as const })),
      ...definition.expectations,
    ]
  }

  async function store(definition: DatasetDefinition, source: Source, input: IngestInput) {
    const { onProgress, signal } = input
    const definitionHash = versionOf(definition)
    const version = datasetVersionId(source.digest, definitionHash)
    const columns = columnsOfDataset(definition)
    await mkdir(deps.tempDir, { recursive: true })
    const path = join(deps.tempDir, `${newId('ingest')}.parquet`)
    const file = quoteText(path)
    try {
      const relation = await sourceRelation(deps.lake, definition, source)
      onProgress?.({ fraction: 0.1, message: `reading and sorting ${source.path}` })
      const rows = await reading(definition, source, () =>
        deps.lake.writeParquet(versionQuery(definition, relation), path, { signal }),
      )
      if (rows === 0) throw fail('dataset.source_empty', { dataset: definition.name, path: source.path })
      const expectations = await expectationsOf(definition)
      onProgress?.({ fraction: 0.5, message: `checking ${expectations.length} expectations on ${rows} rows` })
      const result = await validate(
        deps.lake,
        { dataset: definition, expectations, columns, file },
        { signal },
      )
      const failures = describeFailures(result)
      const validation: StoredValidation = {
        id: newId('val', deps.clock.now()),
        dataset: definition.name,
        version,
        accepted: failures === undefined,
        result,
        createdAt: deps.clock.now(),
      }
      if (failures !== undefined) {
        await addValidation(tables(), validation)
        throw fail('dataset.expectation_failed', {
          dataset: definition.name,
          version,
          failures,
          validation: validation.id,
        })
      }
      onProgress?.({ fraction: 0.7, message: 'taking statistics' })
      const statistics = await columnStatistics(deps.lake, { file, schema: columns }, { signal })
      const content = await deps.content.putFile(path)
      const registered: DatasetVersion = {
        dataset: definition.name,
        version,
        definition: definitionHash,
        source: { path: source.path, digest: source.digest, bytes: source.bytes },
        content,
        rows,
        schema: columns,
        statistics,
        validation: validation.id,
        createdAt: deps.clock.now(),
      }
      await deps.db.transaction<DataTables, void>(async (trx) => {
        await addValidation(trx, validation)
        await addVersion(trx, registered)
      })
      onProgress?.({ fraction: 1, message: `registered version ${version} with ${rows} rows` })
      return registered
    } finally {
      await rm(path, { force: true })
    }
  }

  return {
    async ingest(input) {
      const definition = await deps.definitions.get('dataset', input.dataset)
      const source = await openSource(definition.name, input.path ?? definition.source.path, {
        baseDir: deps.baseDir,
        signal: input.signal,
      })
      const version = datasetVersionId(source.digest, versionOf(definition))
      const existing = await findVersion(tables(), definition.name, version)
      return existing ?? store(definition, source, input)
    },
    getVersion,
    async latestVersion(dataset) {
      const [latest] = await listVersions(tables(), dataset, { offset: 0, limit: 1 })
      if (!latest) throw fail('dataset.version_not_found', { dataset, version: 'latest' })
      return latest
    },
    listVersions: (dataset, page) => paged(page, (range) => listVersions(tables(), dataset, range)),
    listValidations: (dataset, page) => paged(page, (range) => listValidations(tables(), dataset, range)),
    async relation(ref, { rowNumbers = false } = {}) {
      const { content } = await getVersion(ref)
      const file = quoteText(await deps.content.openLocal(content.digest))
      return rowNumbers ? `read_parquet(${file}, file_row_number = true)` : `read_parquet(${file})`
    },
    async checkDefinition(definition) {
      if (definition.kind !== 'dataset') return
      const at = { kind: 'dataset', name: definition.name }
      for (const [name, { sql, type }] of Object.entries(definition.derived)) {
        await checkExpression(deps.lake, {
          ...at,
          field: `derived.${name}`,
          sql,
          types: [type],
          columns: definition.schema,
        })
      }
      for (const { kwargs, column } of definition.expectations) {
        const reason =
          typeof kwargs.regex === 'string' ? await checkRegex(deps.lake, kwargs.regex) : undefined
        if (reason)
          throw fail('definition.invalid', { ...at, reason: `regex of column "${column}": ${reason}` })
      }
    },
  }
}

/** Typed columns, then derived ones; sorted by time, then by all columns, so equal rows give equal bytes. */
function versionQuery(definition: DatasetDefinition, relation: string): string {
  const derived = Object.entries(definition.derived).map(([name, { type, sql }]) => {
    const value = `CAST((${sql}\n) AS ${sqlType(type)})`
    return `${type === 'float64' ? missingForNaN(value) : value} AS ${quoteName(name)}`
  })
  const names = Object.keys(definition.schema).map(quoteName)
  const order = [definition.timestamp, ...Object.keys(definition.schema)].map(quoteName)
  return `SELECT * FROM (SELECT ${[...names, ...derived].join(', ')} FROM ${relation}) ORDER BY ${order.join(', ')}`
}

async function paged<Item>(
  { limit = 50, pageToken = '0' }: PageInput = {},
  list: (range: { offset: number; limit: number }) => Promise<Item[]>,
): Promise<Page<Item>> {
  const offset = Number(pageToken)
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw fail('request.invalid', { reason: `pageToken "${pageToken}" is not one of a previous answer` })
  }
  const items = await list({ offset, limit: limit + 1 })
  return items.length > limit
    ? { items: items.slice(0, limit), nextPageToken: String(offset + limit) }
    : { items }
}
