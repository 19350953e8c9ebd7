import { describe, expect, it } from 'vitest'
import { type Measurement, median, percentile, toResult } from './measurement.ts'

const seconds: Measurement = {
  case: 'small',
  metric: 'time',
  unit: 's',
  better: 'lower',
  ours: 0.5,
  peer: 2,
  peerName: 'other',
  goal: 4,
}

describe('toResult', () => {
  it('has the fields of a line, in order', () => {
    expect(JSON.stringify(toResult('joins', seconds))).toBe(
      '{"topic":"joins","case":"small","metric":"time","unit":"s","ours":0.5,"peer":2,"peerName":"other","ratio":4,"goal":4,"ok":true}',
    )
  })

  it('says how many times better ours is, whichever direction is better', () => {
    expect(toResult('t', seconds).ratio).toBe(4)
    expect(toResult('t', { ...seconds, better: 'higher', ours: 900, peer: 300 }).ratio).toBe(3)
  })

  it('judges the exact ratio, not the rounded one', () => {
    expect(toResult('t', { ...seconds, ours: 1, peer: 3.99999 })).toMatchObject({ ratio: 4, ok: false })
  })

  it('keeps a note', () => {
    expect(toResult('t', { ...seconds, note: 'stopped' }).note).toBe('stopped')
  })

  it('meets every goal that is only recorded', () => {
    expect(toResult('t', { ...seconds, ours: 10, goal: null })).toMatchObject({ ratio: 0.2, ok: true })
  })

  it('misses the goal without a number of ours, meets it without one of the peer', () => {
    expect(toResult('t', { ...seconds, ours: null })).toMatchObject({ ratio: null, ok: false })
    expect(toResult('t', { ...seconds, peer: null })).toMatchObject({ ratio: null, ok: true })
    expect(toResult('t', { ...seconds, ours: null, peer: null }).ok).toBe(false)
  })
})

describe('summaries', () => {
  it('takes the middle of the numbers', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(median([])).toBeNull()
  })

  it('takes percentiles by nearest rank', () => {
    const sorted = Array.from({ length: 100 }, (_, i) => i + 1)
    expect(percentile(sorted, 50)).toBe(50)
    expect(percentile(sorted, 99)).toBe(99)
    expect(percentile([7], 0)).toBe(7)
    expect(percentile([], 50)).toBeNull()
  })
})
