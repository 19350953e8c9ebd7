import { type EndpointDefinition, fail, type Schema } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { quoteName } from '../../kernel/sql.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { Lake } from '../../ports/lake.ts'
import type { FeatureService, ReadComparison } from '../features/index.ts'
import { readManifest } from '../registry/index.ts'
import { addCheck } from './consistency-store.ts'
import { formatModelVersion } from './endpoint.ts'
import { createLogRelations } from './log/relations.ts'
import { pinsOf } from './pinned-features.ts'
import { findRevision, type ServingTables } from './store.ts'

export interface ConsistencyInput {
  /** Event times of the predictions, milliseconds, `from <= t < until`. */
  from: number
  until: number
  /** Share of the keys whose predictions are compared, 0 to 1. Default: all. */
  sample?: number
  /** Share of reads of a feature that may differ before it is an alert. Default: 0.01. */
  tolerated?: number
  signal?: AbortSignal
}

/** Whether an endpoint was given the features that training would have had. */
export interface ConsistencyCheck {
  id: string
  endpoint: string
  from: number
  until: number
  checkedAt: number
  /** Predictions that were compared. */
  reads: number
  /** Whether no feature differs in more reads than is tolerated. */
  consistent: boolean
  /** Features that do, worst first, with the share of reads. */
  inconsistent: { feature: string; revision: number; share: number }[]
  /** Each revision computes the features of its own definitions. */
  revisions: (ReadComparison & { revision: number; modelVersion: string })[]
}

interface ConsistencyDeps {
  db: Database
  content: ContentStore
  lake: Lake
  stream: EventStream
  clock: Clock
  logDir: string
  features: Pick<FeatureService, 'compareReads'>
}

/**
 * Computes the features of logged predictions again, as a training set would at the time of each, and compares them with
 * what the models were given. The check is kept; features that differ too often are an event of the audit stream,
 * `features.inconsistent`.
 * @throws `request.invalid` for an empty range or shares that are none
 */
export async function checkConsistency(
  deps: ConsistencyDeps,
  { name: endpoint }: EndpointDefinition,
  input: ConsistencyInput,
): Promise<ConsistencyCheck> {
  const { from, until, sample = 1, tolerated = 0.01, signal } = input
  if (!(from < until)) throw fail('request.invalid', { reason: `from ${from} must be before until ${until}` })
  for (const [field, share] of Object.entries({ sample, tolerated })) {
    if (!(share >= 0 && share <= 1))
      throw fail('request.invalid', { reason: `${field} must be a share from 0 to 1, got ${share}` })
  }
  const range = { from, until }
  const answered = createLogRelations(deps.logDir, endpoint, {})
  const found = await deps.lake.rows<{ revision: number }>(
    `SELECT DISTINCT revision FROM (${answered.predictions(range)}) ORDER BY revision`,
    { signal },
  )
  const revisions: ConsistencyCheck['revisions'] = []
  for (const { revision } of found) {
    const compared = await compareRevision(deps, { endpoint, revision, range, sample, signal })
    if (compared) revisions.push(compared)
  }
  const inconsistent = revisions
    .flatMap(({ revision, reads, features }) =>
      features.map(({ feature, mismatched, missing, extra }) => {
        return { feature, revision, share: reads === 0 ? 0 : (mismatched + missing + extra) / reads }
      }),
    )
    .filter(({ share }) => share > tolerated)
    .sort((a, b) => b.share - a.share)
  const check: ConsistencyCheck = {
    id: newId('check'),
    endpoint,
    ...range,
    checkedAt: deps.clock.now(),
    reads: revisions.reduce((sum, { reads }) => sum + reads, 0),
    consistent: inconsistent.length === 0,
    inconsistent,
    revisions,
  }
  await addCheck(deps.db, check)
  if (!check.consistent) {
    const data = { endpoint, check: check.id, ...range, inconsistent }
    await deps.stream.append('audit', [{ type: 'features.inconsistent', at: check.checkedAt, data }])
  }
  return check
}

async function compareRevision(
  deps: ConsistencyDeps,
  input: {
    endpoint: string
    revision: number
    range: { from: number; until: number }
    sample: number
    signal?: AbortSignal
  },
): Promise<ConsistencyCheck['revisions'][number] | undefined> {
  const { endpoint, revision: number, range, sample, signal } = input
  const revision = await findRevision(deps.db.tables<ServingTables>(), endpoint, { revision: number })
  if (!revision) return undefined
  const pins = pinsOf(await readManifest(deps.content, revision.manifest))
  if (!pins) return undefined
  const compared = await deps.features.compareReads(
    {
      ...pins,
      sample,
      reads: ({ request, features, timestamp }) => {
        const types = Object.fromEntries(features.map(({ name, type }) => [name, type]))
        const relations = createLogRelations(deps.logDir, endpoint, types, request)
        const rows = relations.predictions({ ...range, revisions: [number] })
        return `(SELECT ${selected({ request, features, timestamp }).join(', ')} FROM (${rows}))`
      },
    },
    { signal },
  )
  return { revision: number, modelVersion: formatModelVersion(revision), ...compared }
}

function selected(shape: {
  request: Schema
  features: readonly { name: string }[]
  timestamp: string
}): string[] {
  const request = Object.entries(shape.request).map(([name, type]) => {
    if (name === shape.timestamp) return `make_timestamp("eventTime" * 1000) AS ${quoteName(name)}`
    const value = `inputs.${quoteName(name)}`
    if (type === 'timestamp') return `make_timestamp(CAST(${value} * 1000 AS BIGINT)) AS ${quoteName(name)}`
    return `${type === 'int64' ? `CAST(${value} AS BIGINT)` : value} AS ${quoteName(name)}`
  })
  const features = shape.features.map(({ name }, i) => `features.${quoteName(name)} AS online$${i}`)
  return ['id AS id$', 'coalesce(degraded, []) AS degraded$', ...request, ...features]
}
