import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LoggedMetric } from '../tracking/index.ts'
import { readSystem, type SystemReading, systemMetrics, withSystemMetrics } from './system-metrics.ts'

const reading: SystemReading = {
  cpuBusyMs: 1000,
  cpuTotalMs: 4000,
  memoryUsed: 2e9,
  memoryTotal: 8e9,
  processMemory: 3e8,
}

const valuesOf = (metrics: readonly LoggedMetric[]) =>
  Object.fromEntries(metrics.map(({ key, value }) => [key, value]))

describe('systemMetrics', () => {
  it('gives shares and megabytes', () => {
    const later = { ...reading, cpuBusyMs: 1500, cpuTotalMs: 6000 }
    expect(valuesOf(systemMetrics(reading, later, { at: 1, step: 0 }))).toEqual({
      'system/cpu_utilization_percentage': 25,
      'system/system_memory_usage_megabytes': 2000,
      'system/system_memory_usage_percentage': 25,
      'system/process_memory_usage_megabytes': 300,
    })
  })

  it('says nothing of the processor where no time has passed', () => {
    const values = valuesOf(systemMetrics(reading, reading, { at: 1, step: 0 }))
    expect(Object.keys(values)).not.toContain('system/cpu_utilization_percentage')
  })

  it('reads this machine', () => {
    const now = readSystem()
    expect(now.cpuBusyMs).toBeGreaterThan(0)
    expect(now.cpuBusyMs).toBeLessThanOrEqual(now.cpuTotalMs)
    expect(now.memoryUsed).toBeLessThan(now.memoryTotal)
    expect(now.processMemory).toBeGreaterThan(1e6)
  })
})

describe('withSystemMetrics', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const options = { now: () => 7, read: () => reading, intervalMs: 1000 }

  it('logs while the work goes on and at its end, each sample as a step', async () => {
    const steps: number[] = []
    const result = await withSystemMetrics(
      { ...options, log: async ([first]) => void steps.push(first.step), onError: expect.unreachable },
      async () => {
        await vi.advanceTimersByTimeAsync(2500)
        return 'done'
      },
    )
    expect(result).toBe('done')
    expect(steps).toEqual([0, 1, 2])
    await vi.advanceTimersByTimeAsync(5000)
    expect(steps).toHaveLength(3)
  })

  it('does not stop the work when metrics cannot be logged, and says so', async () => {
    const errors: unknown[] = []
    const log = async () => {
      throw new Error('disk full')
    }
    const work = async () => 42
    expect(await withSystemMetrics({ ...options, log, onError: (e) => errors.push(e) }, work)).toBe(42)
    expect(errors).toEqual([new Error('disk full')])
  })

  it('passes the failure of the work on', async () => {
    const work = async () => {
      throw new Error('no rows')
    }
    const failed = withSystemMetrics({ ...options, log: async () => {}, onError: expect.unreachable }, work)
    await expect(failed).rejects.toThrow('no rows')
  })
})
