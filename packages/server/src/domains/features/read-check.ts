import { join } from 'node:path'
import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { readSegments, structOf } from '../../kernel/segment-rows.ts'
import { dayOf, listNames, listSegments } from '../../kernel/segments.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { LakeOptions } from '../../ports/lake.ts'
import type { ReadComparison } from './consistency.ts'
import { type ConsistencyInput, checkConsistencyInput, findInconsistent } from './consistency-judgement.ts'
import { loggedReads, type ReadColumns } from './logged-reads.ts'
import type { ReadLog } from './read-log.ts'
import { addServiceCheck, listReadVersions, type ReadVersion } from './read-store.ts'
import { parseReadVersion, type ReadsOf } from './read-version.ts'

/** Whether online reads of a feature service gave what training would have had. */
export interface ServiceConsistencyCheck {
  id: string
  service: string
  from: number
  until: number
  checkedAt: number
  /** Logged reads that were compared: rows, not requests. */
  reads: number
  /** Whether no feature differs in more reads than is tolerated. */
  consistent: boolean
  /** Features that do, worst first, with the share of reads. */
  inconsistent: { feature: string; version: string; view?: string; share: number }[]
  /**
   * Reads by the definitions that they were made with, which `version` names; those that asked for features by their
   * names by `view`.
   */
  versions: (ReadComparison & ReadsOf)[]
}

interface CheckDeps {
  db: Database
  stream: EventStream
  clock: Clock
  reads: Pick<ReadLog, 'dir' | 'flush'>
  compare(
    input: { service: string; view?: string; definitions: ReadVersion['definitions']; sample: number },
    relation: (columns: ReadColumns) => string,
    options: LakeOptions,
  ): Promise<ReadComparison>
}

/**
 * Computes the features of logged reads again, as a training set would at the time of each, and compares. The check is
 * kept; features that differ too often are an event of the audit stream, `features.inconsistent`.
 * @throws `request.invalid` for an empty range, shares that are none, and a service whose reads were never logged
 */
export async function checkReads(
  deps: CheckDeps,
  { name: service, logReads = 0 }: { name: string; logReads?: number },
  input: ConsistencyInput,
): Promise<ServiceConsistencyCheck> {
  const { range, sample, tolerated, signal } = checkConsistencyInput(input)
  await deps.reads.flush()
  const known = await listReadVersions(deps.db, service)
  if (known.length === 0 && logReads === 0) {
    throw fail('request.invalid', {
      reason: `no reads of the feature service "${service}" are logged: give it logReads, the share of keys, such as 0.01`,
    })
  }
  const versions: ServiceConsistencyCheck['versions'] = []
  for (const { version, definitions } of known) {
    const files = listFiles(join(deps.reads.dir, service), version, range)
    if (files.length === 0) continue
    const readsOf = parseReadVersion(version)
    const compared = await deps.compare(
      { service, view: readsOf.view, definitions, sample },
      (columns) => loggedReads(linesOf(files, columns, range), columns),
      { signal },
    )
    if (compared.reads > 0) versions.push({ ...readsOf, ...compared })
  }
  const inconsistent = findInconsistent(versions, tolerated).map(({ feature, share, of }) => {
    return { feature, version: of.version, ...(of.view !== undefined && { view: of.view }), share }
  })
  const check: ServiceConsistencyCheck = {
    id: newId('check'),
    service,
    ...range,
    checkedAt: deps.clock.now(),
    reads: versions.reduce((sum, { reads }) => sum + reads, 0),
    consistent: inconsistent.length === 0,
    inconsistent,
    versions,
  }
  await addServiceCheck(deps.db, check)
  if (!check.consistent) {
    const data = { service, check: check.id, ...range, inconsistent }
    await deps.stream.append('audit', [{ type: 'features.inconsistent', at: check.checkedAt, data }])
  }
  return check
}

interface Range {
  from: number
  until: number
}

function listFiles(folder: string, version: string, { from, until }: Range): string[] {
  const [first, last] = [dayOf(from), dayOf(until)]
  const days = listNames(folder).filter((day) => day >= first && day <= last)
  return listSegments(
    folder,
    days.map((day) => `${day}/${version}`),
  )
}

function linesOf(files: readonly string[], { request, features }: ReadColumns, { from, until }: Range) {
  const rows = readSegments(files, {
    id: 'VARCHAR',
    eventTime: 'DOUBLE',
    inputs: structOf(request),
    features: structOf(Object.fromEntries(features.map(({ name, type }) => [name, type]))),
    degraded: 'VARCHAR[]',
  })
  return `SELECT * FROM (${rows}) WHERE id IS NOT NULL AND "eventTime" >= ${from} AND "eventTime" < ${until}`
}
