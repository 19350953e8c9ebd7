import type { CheckResultRow, Db } from '../tables.ts'
import type { CheckReport } from './check.ts'

export async function addReport(db: Db, report: CheckReport): Promise<void> {
  const { id, model, version, passed, results, checkedAt } = report
  await db
    .insertInto('model_check_results')
    .values({
      id,
      model,
      version,
      passed: passed ? 1 : 0,
      results: JSON.stringify(results),
      checked_at: checkedAt,
    })
    .execute()
}

/** Newest first. */
export async function listReports(
  db: Db,
  of: { model: string; version: number },
  range: { offset: number; limit: number },
): Promise<CheckReport[]> {
  const rows = await db
    .selectFrom('model_check_results')
    .selectAll()
    .where('model', '=', of.model)
    .where('version', '=', of.version)
    .orderBy('id', 'desc')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map(fromRow)
}

function fromRow(row: CheckResultRow): CheckReport {
  return {
    id: row.id,
    model: row.model,
    version: row.version,
    passed: row.passed === 1,
    results: JSON.parse(row.results) as CheckReport['results'],
    checkedAt: row.checked_at,
  }
}
