import { fail } from '@millrace/protocol'
import { newId } from '../../kernel/ids.ts'
import type { DatasetVersion } from './dataset-version.ts'
import { mayJudgeOtherwise } from './expectations/outside.ts'
import type { AddedRows, RowTotals } from './expectations/row-totals.ts'
import { keepFailingRows } from './failing-rows.ts'
import type { IngestDeps, Ingestion } from './ingestion.ts'
import {
  addValidation,
  type DataTables,
  findLatest,
  findLatestBeside,
  type StoredValidation,
} from './store.ts'
import { validateRows } from './validate-rows.ts'
import { describeFailures } from './validation.ts'
import { versionRelation } from './version-relation.ts'

/**
 * Judges rows that are going to be the latest version, against the one that is it now.
 * @throws `dataset.expectation_failed`, after the result was kept; with the failing rows if the version is not registered
 */
export async function judge(
  deps: IngestDeps,
  ingestion: Ingestion,
  rows: Pick<DatasetVersion, 'version' | 'schema'> & {
    relation: string
    added?: AddedRows
    isRegistered: boolean
  },
): Promise<{ validation: StoredValidation; totals: RowTotals }> {
  const { definition, expectations, signal } = ingestion
  const { version, schema: columns, relation, added, isRegistered } = rows
  const dataset = definition.name
  const tables = deps.db.tables<DataTables>()
  const judged = { definition, expectations, columns, relation, signal }
  const previous = () => findLatestBeside(tables, { dataset, version })
  const { result, totals } = await validateRows(deps, { ...judged, previous, added })
  const failures = describeFailures(result)
  const now = deps.clock.now()
  const accepted = failures === undefined
  const validation = { id: newId('val', now), dataset, version, accepted, result, createdAt: now }
  if (accepted) return { validation, totals }
  if (!isRegistered) result.meta.failing_rows = await keepFailingRows(deps, ingestion.scratch, judged)
  await addValidation(tables, validation)
  throw fail('dataset.expectation_failed', { dataset, version, failures, validation: validation.id })
}

/**
 * Judges a version that the same expectations have let pass before, if they may have another verdict now.
 * @throws `dataset.expectation_failed`
 */
export async function judgeAgain(
  deps: IngestDeps,
  ingestion: Ingestion,
  known: DatasetVersion,
): Promise<StoredValidation | undefined> {
  const latest = await findLatest(deps.db.tables<DataTables>(), known.dataset)
  const isPreviousAnother = latest?.version !== known.version
  if (!mayJudgeOtherwise(ingestion.expectations, { isPreviousAnother })) return undefined
  const relation = await versionRelation(deps, known, { rowNumbers: true })
  return (await judge(deps, ingestion, { ...known, relation, isRegistered: true })).validation
}
