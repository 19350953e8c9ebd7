import type { DatasetDefinition } from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import type { DatasetVersion } from './dataset-version.ts'
import type { IngestDeps } from './ingestion.ts'
import type { SourceRequest } from './sources/source.ts'
import { versionRelation } from './version-relation.ts'

/**
 * The greatest watermark of a version, where the source can tell what is beyond it. It is read from the rows:
 * statistics know numbers as doubles and times to the millisecond.
 */
export async function findWatermark(
  deps: Pick<IngestDeps, 'db' | 'content' | 'lake'>,
  { watermark, schema, source }: DatasetDefinition,
  version: DatasetVersion,
  signal?: AbortSignal,
): Promise<SourceRequest['after']> {
  if (watermark === undefined || 'path' in source || !Object.hasOwn(schema, watermark)) return undefined
  // A column that has another type or name now: all is read, and what is new is found out from the rows.
  if (version.schema[watermark] !== schema[watermark]) return undefined
  const isTime = schema[watermark] === 'timestamp'
  const greatest = `max(${quoteName(watermark)})`
  const [{ value }] = await deps.lake.rows<{ value: string | null }>(
    `SELECT CAST(${isTime ? `epoch_us(${greatest})` : greatest} AS VARCHAR) AS value FROM ${await versionRelation(deps, version)}`,
    { signal },
  )
  if (value === null) return undefined
  return { column: watermark, value: isTime ? floorToMs(BigInt(value)) : BigInt(value), isTime }
}

function floorToMs(us: bigint): bigint {
  return us / 1000n - (us % 1000n < 0n ? 1n : 0n)
}
