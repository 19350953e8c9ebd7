import { describe, expect, it } from 'vitest'
import { graceMs } from './blob.ts'
import { createRecentBlobs } from './recent-blobs.ts'

describe('recent blobs', () => {
  it('are sure to stay for half of the grace', () => {
    const recent = createRecentBlobs()
    const blob = { digest: 'a', size: 1 }
    recent.add(blob, 1000)
    expect(recent.find('a', 1000 + graceMs / 2)).toEqual(blob)
    expect(recent.find('a', 1001 + graceMs / 2)).toBeUndefined()
    expect(recent.find('b', 1000)).toBeUndefined()
    recent.add(blob, 2000)
    expect(recent.find('a', 2000 + graceMs / 2)).toEqual(blob)
  })

  it('are forgotten in the order in which they came', () => {
    const recent = createRecentBlobs(2)
    for (const digest of ['a', 'b', 'a', 'c']) recent.add({ digest, size: 1 }, 0)
    expect(['a', 'b', 'c'].map((digest) => recent.find(digest, 0)?.digest)).toEqual(['a', undefined, 'c'])
  })
})
