import type { Client } from '@millrace/client'
import type { RequestOf } from 'millrace'
import { lateness } from '../definitions.ts'
import type { Flight } from './flights-stream.ts'
import { createLatencies } from './latency.ts'

type Request = RequestOf<typeof lateness>

/** Failures after which going on says nothing any more. */
const tolerated = 50

/** Plays the outside world: asks for predictions as flights come up, tells a day later how late they were. */
export function createTraffic(
  client: Client,
  options: { connections: number; distort(request: Request): Request },
) {
  const latencies = createLatencies()
  let requests = 0
  let failures = 0
  let busyMs = 0

  async function ask(flight: Flight): Promise<void> {
    const { id, date, distance, origin, destination } = flight
    const started = performance.now()
    try {
      await client.predict(lateness, { id, inputs: options.distort({ date, distance, origin, destination }) })
    } catch (error) {
      failures++
      if (failures > tolerated)
        throw new Error(`${failures} predictions failed, the last one: ${String(error)}`)
      process.stderr.write(
        `prediction ${id} failed: ${error instanceof Error ? error.message : String(error)}\n`,
      )
    }
    latencies.add(performance.now() - started)
    requests++
  }

  return {
    /** Sends a request per flight, `connections` at a time. */
    async send(flights: readonly Flight[]): Promise<void> {
      const started = performance.now()
      let next = 0
      const lane = async () => {
        while (next < flights.length) await ask(flights[next++])
      }
      await Promise.all(Array.from({ length: Math.min(options.connections, flights.length) }, lane))
      busyMs += performance.now() - started
    },
    /** The labels of flights that have landed. */
    async tell(flights: readonly Flight[], at: number): Promise<void> {
      if (flights.length === 0) return
      await client.feedback(
        lateness,
        flights.map(({ id, late }) => ({ id, label: late, at })),
      )
    },
    figures: () => ({
      requests,
      failures,
      requestsPerSecond: busyMs > 0 ? (requests / busyMs) * 1000 : 0,
      p50Ms: latencies.quantile(0.5),
      p99Ms: latencies.quantile(0.99),
    }),
  }
}

export type Traffic = ReturnType<typeof createTraffic>
