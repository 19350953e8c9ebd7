import autocannon from 'autocannon'
import { percentile } from '../harness/measurement.ts'
import { type Bodies, bodyOf } from './bodies.ts'

/** What to send: `requests` of them, or as many as `seconds` allow. */
export interface LoadSpec {
  url: string
  connections: number
  /** What to POST; without it the load is of GET. */
  bodies?: Bodies
  extent: { requests: number } | { seconds: number }
}

/** One stretch of load on one server. */
export interface Load {
  perSecond: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  requests: number
  /** Answers other than 2xx, and requests without an answer. */
  failures: number
}

const { url, connections, bodies, extent }: LoadSpec = JSON.parse(process.argv[2])

/** Made beforehand where the number is known: making large ones would slow down the load. */
const prepared =
  bodies && 'requests' in extent ? Array.from({ length: extent.requests }, (_, n) => bodyOf(bodies, n)) : []
let sent = 0
const posts = (bodies: Bodies): Partial<autocannon.Options> => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  requests: [
    {
      setupRequest: (request) => {
        const n = sent++
        return { ...request, body: prepared[n] ?? bodyOf(bodies, n) }
      },
    },
  ],
})

const latencies: number[] = []
let begin = 0
let end = 0
const result = await new Promise<autocannon.Result>((resolve, reject) => {
  const running = autocannon(
    {
      url,
      connections,
      ...('requests' in extent ? { amount: extent.requests } : { duration: extent.seconds }),
      timeout: 300,
      ...(bodies && posts(bodies)),
    },
    (error, result) => (error ? reject(error) : resolve(result)),
  )
  running.once('start', () => {
    begin = performance.now()
  })
  running.on('response', (_client, status, _bytes, milliseconds) => {
    end = performance.now()
    if (status >= 200 && status < 300) latencies.push(milliseconds)
  })
})
if (latencies.length === 0) {
  throw new Error(`${url} answers no request: ${result.non2xx} are refused, ${result.errors} fail`)
}
latencies.sort((a, b) => a - b)
const load: Load = {
  // Up to the last answer: a request that the end of the time cuts off counts neither way.
  perSecond: latencies.length / ((end - begin) / 1000),
  p50Ms: percentile(latencies, 50) ?? 0,
  p95Ms: percentile(latencies, 95) ?? 0,
  p99Ms: percentile(latencies, 99) ?? 0,
  requests: latencies.length,
  failures: result.non2xx + result.errors + result.timeouts,
}
console.log(JSON.stringify(load))
