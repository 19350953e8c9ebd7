import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { expect, it } from 'vitest'
import { collectYoung, createBufferCollector } from './buffer-collector.ts'

type CollectionEntry = PerformanceEntry & { detail?: { kind?: number } }

it('collects once the chunks come to so many bytes, and then again', () => {
  let collections = 0
  const release = createBufferCollector(() => collections++, 100)
  for (const [bytes, expected] of [
    [99, 0],
    [1, 1],
    [60, 1],
    [60, 2],
    [1000, 3],
    [99, 3],
  ]) {
    release(bytes)
    expect(collections).toBe(expected)
  }
})

it('collects the young objects only', async () => {
  collectYoung()
  const kinds = new Promise<unknown[]>((resolve) => {
    const observer = new PerformanceObserver((list) => {
      observer.disconnect()
      resolve(list.getEntries().map((entry) => (entry as CollectionEntry).detail?.kind))
    })
    observer.observe({ entryTypes: ['gc'] })
  })
  collectYoung()
  expect(await kinds).toContain(constants.NODE_PERFORMANCE_GC_MINOR)
})
