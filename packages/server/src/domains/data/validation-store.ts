import type { Db, StoredValidation } from './store.ts'
import type { ValidationResult } from './validation.ts'

/** One validation with its result. */
export async function findValidation(
  db: Db,
  dataset: string,
  id: string,
): Promise<StoredValidation | undefined> {
  const row = await db
    .selectFrom('dataset_validations')
    .selectAll()
    .where('dataset', '=', dataset)
    .where('id', '=', id)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      dataset: row.dataset,
      version: row.version,
      accepted: row.accepted === 1,
      result: JSON.parse(row.result) as ValidationResult,
      createdAt: row.created_at,
    }
  )
}
