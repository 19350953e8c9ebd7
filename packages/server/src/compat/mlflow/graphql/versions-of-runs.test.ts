import { expect, it } from 'vitest'
import { createVersionsOfRuns } from './versions-of-runs.ts'

it('searches once for what is asked at once', async () => {
  const searched: string[][] = []
  const versionsOf = createVersionsOfRuns(async (runs) => {
    searched.push([...runs])
    return runs
      .filter((run) => run !== 'none')
      .flatMap((run_id) => [
        { run_id, n: 1 },
        { run_id, n: 2 },
      ])
  })
  const found = await Promise.all(['a', 'none', 'b', 'a'].map(versionsOf))
  expect(found.map((versions) => versions.length)).toEqual([2, 0, 2, 2])
  expect(found[2]).toEqual([
    { run_id: 'b', n: 1 },
    { run_id: 'b', n: 2 },
  ])
  await versionsOf('c')
  await versionsOf('a')
  expect(searched).toEqual([['a', 'none', 'b'], ['c']])
})

it('searches in parts for very many', async () => {
  const sizes: number[] = []
  const versionsOf = createVersionsOfRuns(async (runs) => {
    sizes.push(runs.length)
    return runs.map((run_id) => ({ run_id }))
  })
  const runs = Array.from({ length: 1100 }, (_, i) => `r${i}`)
  const found = await Promise.all(runs.map(versionsOf))
  expect(found.map(([version]) => version.run_id)).toEqual(runs)
  expect(sizes).toEqual([500, 500, 100])
})

it('tells everyone who asked that a search has failed', async () => {
  const versionsOf = createVersionsOfRuns(async () => {
    throw new Error('no database')
  })
  const asked = await Promise.allSettled([versionsOf('a'), versionsOf('b')])
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
