import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEvents } from './events.ts'
import { canonicalJson } from './hash.ts'
import { newId } from './ids.ts'

describe('newId', () => {
  it('sorts by creation time and never repeats', () => {
    const ids = Array.from({ length: 1000 }, (_, i) => newId('run', 1_000_000 + i))
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(Array.from({ length: 1000 }, () => newId('run', 5))).size).toBe(1000)
    expect(ids[0]).toMatch(/^run_[0-9a-z]{26}$/)
  })
})

describe('canonicalJson', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse())
        expect(canonicalJson(reversed)).toBe(canonicalJson(object))
        expect(JSON.parse(canonicalJson(object))).toEqual(JSON.parse(JSON.stringify(object)))
      }),
    )
  })
})

describe('createEvents', () => {
  it('calls listeners in order and hands their errors to the emitter', async () => {
    const events = createEvents<{ ping: number }>()
    const seen: number[] = []
    events.on('ping', async (n) => void seen.push(n))
    events.on('ping', (n) => void seen.push(n * 10))
    await events.emit('ping', 1)
    expect(seen).toEqual([1, 10])
    events.on('ping', () => Promise.reject(new Error('listener failed')))
    await expect(events.emit('ping', 2)).rejects.toThrow('listener failed')
  })
})
