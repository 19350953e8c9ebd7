import os from 'node:os'
import type { LoggedMetric } from '../tracking/index.ts'

/** What the machine and this process use at a moment. */
export interface SystemReading {
  /** Milliseconds since the machine started, over all cores. */
  cpuBusyMs: number
  cpuTotalMs: number
  /** Bytes. */
  memoryUsed: number
  memoryTotal: number
  processMemory: number
}

export function readSystem(): SystemReading {
  let busy = 0
  let total = 0
  for (const { times } of os.cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq
    total += all
    busy += all - times.idle
  }
  const memoryTotal = os.totalmem()
  return {
    cpuBusyMs: busy,
    cpuTotalMs: total,
    memoryUsed: memoryTotal - os.freemem(),
    memoryTotal,
    processMemory: process.memoryUsage.rss(),
  }
}

/**
 * The use of the machine between two readings, under the names that MLflow's clients give it, and the memory of this
 * process. Megabytes are 10^6 bytes, as there.
 */
export function systemMetrics(
  before: SystemReading,
  now: SystemReading,
  { at, step }: { at: number; step: number },
): LoggedMetric[] {
  const elapsed = now.cpuTotalMs - before.cpuTotalMs
  const values = {
    ...(elapsed > 0 && {
      'system/cpu_utilization_percentage': (100 * (now.cpuBusyMs - before.cpuBusyMs)) / elapsed,
    }),
    'system/system_memory_usage_megabytes': now.memoryUsed / 1e6,
    'system/system_memory_usage_percentage': (100 * now.memoryUsed) / now.memoryTotal,
    'system/process_memory_usage_megabytes': now.processMemory / 1e6,
  }
  return Object.entries(values).map(([key, value]) => ({ key, value, at, step }))
}

export interface SamplingOptions {
  log(metrics: readonly LoggedMetric[]): Promise<void>
  /** Told when metrics cannot be logged: the work goes on without them. */
  onError(error: unknown): void
  now(): number
  read?: () => SystemReading
  intervalMs?: number
}

/** Does the work and logs what the machine uses meanwhile: every ten seconds and at the end. */
export async function withSystemMetrics<Result>(
  { log, onError, now, read = readSystem, intervalMs = 10_000 }: SamplingOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  let before = read()
  let step = 0
  let logging = Promise.resolve()
  const sample = () => {
    const reading = read()
    const metrics = systemMetrics(before, reading, { at: now(), step: step++ })
    before = reading
    logging = logging.then(() => log(metrics)).catch(onError)
  }
  const timer = setInterval(sample, intervalMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    sample()
    await logging
  }
}
