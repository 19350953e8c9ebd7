import { describe, expect, it } from 'vitest'
import folders from './fixtures/imported-models.json' with { type: 'json' }
import { takeInWeights } from './take-in-weights.ts'

const files = Object.fromEntries(
  Object.entries(folders.whole).map(([path, base64]) => [
    path,
    Uint8Array.from(Buffer.from(base64, 'base64')),
  ]),
)
const beside = Object.keys(files).find((path) => path.endsWith('.data')) ?? ''

describe('weights beside a graph', () => {
  it('become part of it, and the second time there is nothing to do', () => {
    const whole = takeInWeights(files, 'model.onnx')
    expect(whole.length).toBeGreaterThan(files[beside].length)
    expect(Buffer.from(whole).includes(beside)).toBe(false)
    expect(Buffer.from(whole).includes(Buffer.from(files[beside].subarray(0, 3200)))).toBe(true)
    expect(takeInWeights({ 'model.onnx': whole }, 'model.onnx')).toBe(whole)
  })

  it('are found in the folder of the graph', () => {
    const moved = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`data/${path}`, bytes]))
    expect(takeInWeights(moved, 'data/model.onnx')).toEqual(takeInWeights(files, 'model.onnx'))
  })

  it('must be there, and long enough', () => {
    const { [beside]: weights, ...others } = files
    expect(() => takeInWeights(others, 'model.onnx')).toThrow(
      /its weights are in ".*", which is not beside it/,
    )
    expect(() => takeInWeights({ ...others, [beside]: weights.subarray(1) }, 'model.onnx')).toThrow(
      /are beyond a file of 4799 bytes/,
    )
  })

  it('are looked for in no damaged graph', () => {
    const graph = files['model.onnx']
    expect(() => takeInWeights({ ...files, 'model.onnx': graph.subarray(0, -3) }, 'model.onnx')).toThrow(
      RangeError,
    )
    expect(() => takeInWeights({ ...files, 'model.onnx': Uint8Array.of(7, 7, 7) }, 'model.onnx')).toThrow(
      'it is no ONNX, or damaged',
    )
  })
})
