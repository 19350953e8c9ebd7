import { type DatasetDefinition, isPlatformError } from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import { missingForNaN, sqlType } from './column-types.ts'
import type { IngestDeps, Ingestion } from './ingestion.ts'
import { hidesValues, maskedRelation } from './masks.ts'
import { type Part, type PartFile, partsRelation, writePart } from './part.ts'
import { collectRejected, type RejectedFile } from './rejected.ts'
import { readSource } from './sources/read-source.ts'
import { reading } from './sources/reading.ts'
import type { SourceFile } from './sources/source.ts'

/** What was read: the part, if there is a row, and the rows that were kept aside. */
export interface WrittenRows {
  part: Part | undefined
  rejected?: RejectedFile
}

/**
 * Writes the rows of files as a part at `path`: after parts that are there, those beyond their greatest watermark.
 * @throws `dataset.rows_rejected` if more rows cannot be read than the definition allows;
 * `dataset.source_unreadable`, `dataset.schema_mismatch`
 */
export async function writeRows(
  { lake, secrets }: Pick<IngestDeps, 'lake' | 'secrets'>,
  ingestion: Ingestion,
  { files, before, path }: { files: readonly SourceFile[]; before: readonly PartFile[]; path: string },
): Promise<WrittenRows> {
  const { definition, scratch, signal } = ingestion
  const source = { ...ingestion.source, files: [...files] }
  const write = async (rows: string) => {
    const relation = await maskedRelation(definition, rows, secrets)
    const query = versionQuery(definition, relation, before)
    return writePart(lake, { query, path, timestamp: definition.timestamp }, { signal })
  }
  return reading(
    { dataset: definition.name, path: source.path, hidesValues: hidesValues(definition) },
    async () => {
      const reader = await readSource(lake, { definition, source, scratch }, { signal })
      try {
        return { part: await write(reader.relation) }
      } catch (error) {
        if (!isPlatformError(error) || error.code !== 'lake.query_failed') throw error
        const rejected = await collectRejected(lake, reader, { definition, source, scratch, signal })
        if (!rejected || reader.accepted === undefined) throw error
        return { part: await write(reader.accepted), rejected }
      }
    },
  )
}

/**
 * Typed columns, then derived ones; sorted by time, then by all columns, so equal rows give equal bytes. After the
 * parts that are there: the rows beyond their greatest watermark. A row without one stays in, to be refused.
 */
function versionQuery(definition: DatasetDefinition, relation: string, before: readonly PartFile[]): string {
  const derived = Object.entries(definition.derived).map(([name, { type, sql }]) => {
    const value = `CAST((${sql}\n) AS ${sqlType(type)})`
    return `${type === 'float64' ? missingForNaN(value) : value} AS ${quoteName(name)}`
  })
  const names = Object.keys(definition.schema).map(quoteName)
  const order = [definition.timestamp, ...Object.keys(definition.schema)].map(quoteName)
  const isNew =
    definition.watermark === undefined || before.length === 0
      ? ''
      : `WHERE (${quoteName(definition.watermark)} > (SELECT max(${quoteName(definition.watermark)}) FROM ${partsRelation(before)})) IS NOT FALSE`
  return `SELECT * FROM (SELECT ${[...names, ...derived].join(', ')} FROM ${relation}) ${isNew} ORDER BY ${order.join(', ')}`
}
