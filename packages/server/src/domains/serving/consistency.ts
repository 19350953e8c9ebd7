import type { EndpointDefinition } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { Lake } from '../../ports/lake.ts'
import {
  type ConsistencyInput,
  checkConsistencyInput,
  type FeatureService,
  findInconsistent,
  loggedReads,
  type ReadComparison,
} from '../features/index.ts'
import { readManifest } from '../registry/index.ts'
import { addCheck } from './consistency-store.ts'
import { formatModelVersion } from './endpoint.ts'
import { createLogRelations } from './log/relations.ts'
import { pinsOf } from './pinned-features.ts'
import { findRevision, type ServingTables } from './store.ts'

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
  const { range, sample, tolerated, signal } = checkConsistencyInput(input)
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
  const inconsistent = findInconsistent(revisions, tolerated).map(({ feature, share, of }) => {
    return { feature, revision: of.revision, share }
  })
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
      reads: (columns) => {
        const { request, features } = columns
        const types = Object.fromEntries(features.map(({ name, type }) => [name, type]))
        const relations = createLogRelations(deps.logDir, endpoint, types, request)
        return loggedReads(relations.predictions({ ...range, revisions: [number] }), columns)
      },
    },
    { signal },
  )
  return { revision: number, modelVersion: formatModelVersion(revision), ...compared }
}
