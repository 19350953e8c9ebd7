import { join } from 'node:path'
import { median } from '../harness/measurement.ts'
import { type Case, type CaseContext, checkSame, limitOn, load, peerName, rounds } from './case.ts'
import type { Load } from './load.ts'
import { seedPeerRuns } from './peer-seed.ts'
import { seedRunsToSearch } from './seed.ts'
import { alone, type Contender, contenders, createPeerDatabase, withServers } from './servers.ts'
import { type Page, post, type WireRun } from './wire.ts'

const path = '/api/2.0/mlflow/runs/search'
const pageSize = 100
const searches: Record<Contender, number> = { ours: 100, peer: 4 }
const p95LimitMs = 50

interface Search {
  name: string
  filter?: string
  order_by?: string[]
  /** Which page of a hundred is asked for. */
  page: number
  /** How many times faster ours has to be; null: recorded only, as is its limit. */
  goal: number | null
}

const broad = { filter: "metrics.m3 > 0.5 AND tags.team LIKE 'a%'", order_by: ['metrics.m7 DESC'] }
const narrow = { ...broad, filter: "metrics.m3 > 0.9995 AND tags.team LIKE 'a%'" }

/** The broad filter leaves an eighth of the runs, the narrow one about a dozen. */
const all: readonly Search[] = [
  { name: 'page 1', ...broad, page: 1, goal: 20 },
  { name: 'page 50', ...broad, page: 50, goal: 20 },
  { name: 'narrow filter', ...narrow, page: 1, goal: null },
  { name: 'no filter', page: 1, goal: null },
]

type Experiments = Record<Contender, string>

/** Pages of an experiment of 100,000 runs. */
export const searchRuns: Case = async (context) => {
  const experiments: Experiments = { ours: '', peer: '' }
  await withServers(
    {
      ...context,
      prepare: async ({ ours, peer }) => {
        context.progress('filling the databases')
        experiments.ours = await seedRunsToSearch(join(ours, '.millrace'))
        experiments.peer = seedPeerRuns(await createPeerDatabase(context.python, peer))
      },
    },
    async (servers) => {
      for (const search of all) {
        const bodies = { ours: '', peer: '' }
        const answers: Record<Contender, Page> = { ours: {}, peer: {} }
        for (const contender of contenders) {
          const { url } = servers[contender]
          const body = await requestOf(url, experiments[contender], search)
          answers[contender] = await post<Page>(url, '/runs/search', body)
          bodies[contender] = JSON.stringify(body)
        }
        checkSame(
          `The runs of "${search.name}"`,
          answers.ours.runs?.map(contentOf),
          answers.peer.runs?.map(contentOf),
        )
        const loads: Record<Contender, Load[]> = { ours: [], peer: [] }
        for (let round = 0; round < rounds; round++) {
          for (const contender of contenders) {
            context.progress(`${search.name}, round ${round + 1}: ${contender}`)
            loads[contender].push(
              await alone(servers, contender, ({ url }) =>
                load({
                  url: url + path,
                  connections: 1,
                  bodies: { kind: 'same', body: bodies[contender] },
                  extent: { requests: searches[contender] },
                }),
              ),
            )
          }
        }
        report(context, search, loads)
      }
    },
  )
}

/** The body that asks for the page; pages before it are asked for in one. */
async function requestOf(url: string, experiment: string, search: Search): Promise<object> {
  const { filter, order_by, page } = search
  const first = { experiment_ids: [experiment], filter, order_by, max_results: pageSize }
  if (page === 1) return first
  const before = await post<Page>(url, '/runs/search', { ...first, max_results: (page - 1) * pageSize })
  return { ...first, page_token: before.next_page_token }
}

/** What must be the same on both sides; the order of keys within a run is nobody's promise. */
function contentOf({ info, data }: WireRun) {
  const values = (entries: readonly { key: string; value: unknown }[] = []) =>
    entries.map(({ key, value }) => [key, value] as const).sort(([a], [b]) => (a < b ? -1 : 1))
  const { metrics, params, tags } = data
  return {
    run: info.run_id,
    metrics: values(metrics),
    params: values(params),
    tags: values(tags),
  }
}

function report(context: CaseContext, { name, goal }: Search, loads: Record<Contender, Load[]>): void {
  const middle = (contender: Contender, of: 'p50Ms' | 'p95Ms') =>
    median(loads[contender].map((one) => one[of]))
  const metric = { unit: 'ms', better: 'lower' } as const
  context.report({
    ...metric,
    metric: `${name}, latency p50`,
    ours: middle('ours', 'p50Ms'),
    peer: middle('peer', 'p50Ms'),
    peerName,
    goal,
  })
  const limit = limitOn(p95LimitMs, {
    ...metric,
    metric: `${name}, latency p95`,
    ours: middle('ours', 'p95Ms'),
  })
  context.report(goal === null ? { ...limit, goal: null } : limit)
}
