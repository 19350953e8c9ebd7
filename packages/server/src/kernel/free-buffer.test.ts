import { expect, it } from 'vitest'
import { freeBuffer } from './free-buffer.ts'

it('takes the memory of a whole buffer', () => {
  const chunk = Buffer.from(new ArrayBuffer(100))
  freeBuffer(chunk)
  expect([chunk.byteLength, chunk.buffer.detached]).toEqual([0, true])
  freeBuffer(chunk)
  expect(chunk.byteLength).toBe(0)
})

it.each([
  ['a part of a buffer', new Uint8Array(new ArrayBuffer(100), 0, 50)],
  ['a slice of the pool of Node', Buffer.from('pooled')],
  ['shared memory', new Uint8Array(new SharedArrayBuffer(50))],
  ['memory of a fixed place', new Uint8Array(new ArrayBuffer(50, { maxByteLength: 50 }))],
])('leaves %s alone', (_, chunk) => {
  const { byteLength } = chunk
  freeBuffer(chunk)
  expect(chunk.byteLength).toBe(byteLength)
})
