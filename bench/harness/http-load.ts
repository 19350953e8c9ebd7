import { readFile } from 'node:fs/promises'
import autocannon from 'autocannon'
import { percentile } from './measurement.ts'

/** One stretch of load on one server. */
export interface Load {
  requestsPerSecond: number
  p50Ms: number
  p99Ms: number
  /** Answers other than 2xx, and requests without an answer. */
  failures: number
}

const [url, connections, seconds, bodiesPath] = process.argv.slice(2)
const bodies: string[] = JSON.parse(await readFile(bodiesPath, 'utf8'))

const latencies: number[] = []
const options: autocannon.Options = {
  url,
  connections: Number(connections),
  duration: Number(seconds),
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  requests: bodies.map((body) => ({ body })),
}
const result = await new Promise<autocannon.Result>((resolve, reject) => {
  const running = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)))
  running.on('response', (_client, status, _bytes, milliseconds) => {
    if (status >= 200 && status < 300) latencies.push(milliseconds)
  })
})
if (latencies.length === 0)
  throw new Error(`${url} answers no request: ${result.non2xx} are refused, ${result.errors} fail`)
latencies.sort((a, b) => a - b)
const load: Load = {
  requestsPerSecond: latencies.length / result.duration,
  p50Ms: percentile(latencies, 50) ?? 0,
  p99Ms: percentile(latencies, 99) ?? 0,
  failures: result.non2xx + result.errors + result.timeouts,
}
console.log(JSON.stringify(load))
