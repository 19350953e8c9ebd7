import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetDefinition, type Expectation, fail } from '@millrace/protocol'
import { newId } from '../../kernel/ids.ts'
import { checkExpectations } from './expectations/check.ts'
import { proposeExpectations } from './expectations/propose.ts'
import type { ResultFormat } from './expectations/result.ts'
import { writeFailingRows } from './failing-rows.ts'
import type { IngestDeps } from './ingestion.ts'
import { expectationsOf } from './needed-expectations.ts'
import {
  addValidation,
  type DataTables,
  findLatest,
  findVersion,
  findVersionBefore,
  type StoredValidation,
} from './store.ts'
import { validateRows } from './validate-rows.ts'
import { describeFailures } from './validation.ts'
import { findValidation } from './validation-store.ts'
import { versionRelation } from './version-relation.ts'

export interface ValidateVersionInput {
  dataset: string
  /** Default: the latest. */
  version?: string
  /** Instead of those of the applied definition. */
  expectations?: readonly Expectation[]
  /** How much the results tell. Default: `SUMMARY`. */
  resultFormat?: ResultFormat
  signal?: AbortSignal
}

export interface ValidationService {
  /**
   * Evaluates expectations on a version that is registered, and keeps the result. It changes nothing about the version.
   * @throws `dataset.version_not_found`; `definition.invalid` for expectations that make no sense for its columns
   */
  validate(input: ValidateVersionInput): Promise<StoredValidation>
  /** @throws `dataset.validation_not_found` */
  getValidation(dataset: string, id: string): Promise<StoredValidation>
  /**
   * All failing rows of a validation as a Parquet file: the index of the expectation among the results, the place of
   * the row (from 0) and the columns by which it is found again. The caller removes a file that is temporary.
   * @throws `dataset.validation_not_found`
   */
  openFailingRows(
    dataset: string,
    id: string,
    options?: { signal?: AbortSignal },
  ): Promise<{ path: string; isTemporary: boolean }>
  /** Expectations that a version meets with some slack, to begin with. @throws `dataset.version_not_found` */
  propose(dataset: string, version?: string, options?: { signal?: AbortSignal }): Promise<Expectation[]>
  /** The expectations of the applied definition, those included that the platform itself needs. */
  listExpectations(dataset: string): Promise<Expectation[]>
}

type ValidationDeps = Pick<IngestDeps, 'db' | 'content' | 'lake' | 'clock' | 'definitions' | 'tempDir'>

export function createValidationService(deps: ValidationDeps): ValidationService {
  const tables = () => deps.db.tables<DataTables>()

  async function open(dataset: string, version: string | undefined) {
    const definition = await deps.definitions.get('dataset', dataset)
    const found = await (version === undefined
      ? findLatest(tables(), dataset)
      : findVersion(tables(), dataset, version))
    if (!found) throw fail('dataset.version_not_found', { dataset, version: version ?? 'latest' })
    return { definition, found, relation: await versionRelation(deps, found, { rowNumbers: true }) }
  }

  async function getValidation(dataset: string, id: string): Promise<StoredValidation> {
    const found = await findValidation(tables(), dataset, id)
    if (!found) throw fail('dataset.validation_not_found', { dataset, validation: id })
    return found
  }

  const listExpectations = async (definition: DatasetDefinition) =>
    expectationsOf(deps.definitions, definition)

  return {
    async validate({ dataset, version, expectations: given, resultFormat, signal }) {
      const { definition, found, relation } = await open(dataset, version)
      const columns = found.schema
      const expectations = given ?? (await listExpectations(definition))
      await checkExpectations(deps.lake, { dataset, expectations, columns })
      const { result } = await validateRows(deps, {
        definition,
        expectations,
        columns,
        relation,
        previous: () => findVersionBefore(tables(), dataset, found.version),
        format: resultFormat,
        signal,
      })
      const now = deps.clock.now()
      const validation: StoredValidation = {
        id: newId('val', now),
        dataset,
        version: found.version,
        accepted: describeFailures(result) === undefined,
        result,
        createdAt: now,
      }
      await addValidation(tables(), validation)
      return validation
    },
    getValidation,
    async openFailingRows(dataset, id, { signal } = {}) {
      const { version, result } = await getValidation(dataset, id)
      const kept = result.meta.failing_rows
      if (kept) return { path: await deps.content.openLocal(kept.digest), isTemporary: false }
      const { definition, found, relation } = await open(dataset, version)
      const expectations = result.results.map(
        ({ expectation_config: { type, kwargs, severity } }) => ({ type, kwargs, severity }) as Expectation,
      )
      await mkdir(deps.tempDir, { recursive: true })
      const path = join(deps.tempDir, `${newId('rows')}.parquet`)
      try {
        await writeFailingRows(deps, path, {
          definition,
          expectations,
          columns: found.schema,
          relation,
          signal,
        })
      } catch (error) {
        await rm(path, { force: true })
        throw error
      }
      return { path, isTemporary: true }
    },
    async propose(dataset, version, { signal } = {}) {
      const { found, relation } = await open(dataset, version)
      return proposeExpectations(deps.lake, { version: found, relation }, { signal })
    },
    async listExpectations(dataset) {
      return listExpectations(await deps.definitions.get('dataset', dataset))
    },
  }
}
