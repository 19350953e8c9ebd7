import type { LeftOut, StoredExperiment } from '../store.ts'
import type { SqliteReader } from './sqlite-database.ts'
import { isDefaultWorkspace } from './sqlite-rows.ts'

/** Tables whose rows have nothing that they could become, by what they are called. */
const perExperiment = {
  trace_info: 'traces',
  scorers: 'scorers',
  issues: 'issues',
  label_schemas: 'label schemas',
  review_queues: 'review queues',
} as const
const perStore = {
  evaluation_datasets: 'evaluation datasets',
  endpoints: 'gateway endpoints',
  guardrails: 'guardrails',
  mcp_servers: 'MCP servers',
  secrets: 'gateway secrets',
  webhooks: 'webhooks',
} as const
const reason = 'there is nothing that they could become'

/** What a database holds and nobody copies. */
export function leftOutOf(db: SqliteReader, experiments: readonly StoredExperiment[]): LeftOut[] {
  const found: LeftOut[] = []
  for (const [table, what] of Object.entries(perExperiment)) {
    let count = 0
    for (const { id } of experiments) count += db.count(table, { experiment_id: Number(id) })
    found.push({ what, count, reason })
  }
  for (const [table, what] of Object.entries(perStore)) {
    const why = table === 'webhooks' ? 'their secrets cannot be read; create them again' : reason
    found.push({ what, count: db.count(table), reason: why })
  }
  for (const [table, what] of Object.entries({
    experiments: 'experiments',
    registered_models: 'registered models',
  })) {
    if (!db.has(table)) continue
    const rows = Array.from(db.select(table, ['workspace']))
    const count = rows.filter((row) => !isDefaultWorkspace(row)).length
    found.push({ what: `${what} of other workspaces`, count, reason: 'only the default workspace is copied' })
  }
  return found.filter(({ count }) => count > 0)
}
