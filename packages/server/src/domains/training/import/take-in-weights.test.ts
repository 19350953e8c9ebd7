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

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
const nest = (number: number, ...parts: number[][]) => {
  const content = parts.flat()
  return [...varint(number * 8 + 2), ...varint(content.length), ...content]
}
const text = (number: number, value: string) => nest(number, [...Buffer.from(value)])
const entry = (key: string, value: string) => nest(13, text(1, key), text(2, value))
const location = (value: number) => [...varint(14 * 8), ...varint(value)]
const named = entry('location', 'w.data')
const tensor = (number: number) => nest(number, named, location(1))
const weights = Uint8Array.from({ length: 40 }, (_, index) => index + 100)
const takeIn = (...graph: number[][]) =>
  takeInWeights({ 'm.onnx': Uint8Array.from(graph.flat()), 'w.data': weights }, 'm.onnx')
const inGraph = (...parts: number[][]) => takeIn(nest(7, ...parts))

describe('weights of a graph from elsewhere', () => {
  it.each<[string, number[]]>([
    ['an initializer', nest(7, tensor(5))],
    ['the values of a sparse initializer', nest(7, nest(15, tensor(1)))],
    ['the indices of a sparse initializer', nest(7, nest(15, tensor(2)))],
    ['a sparse attribute', nest(7, nest(1, nest(5, nest(22, tensor(1)))))],
    ['one of many sparse attributes', nest(7, nest(1, nest(5, nest(23, tensor(2)))))],
    ['the start of training', nest(20, nest(1, tensor(5)))],
    ['the algorithm of training', nest(20, nest(2, tensor(5)))],
    ['the default of an attribute of a function', nest(25, nest(11, tensor(5)))],
  ])('are taken in as %s', (_, model) => {
    const whole = Buffer.from(takeIn(model))
    expect(whole.includes('w.data')).toBe(false)
    expect(whole.includes(Buffer.from(weights))).toBe(true)
  })

  it('are refused behind numbers that others read otherwise', () => {
    const damaged = 'it is no ONNX, or damaged'
    const initializer = tensor(5)
    const wideTag = [...varint(2 ** 32 + initializer[0]), ...initializer.slice(1)]
    expect(() => inGraph(wideTag)).toThrow(damaged)
    expect(() => inGraph(nest(5, named, location(2)))).toThrow(damaged)
    expect(() => inGraph(nest(5, named, location(2 ** 32 + 1)))).toThrow(damaged)
    const overflown = [14 * 8, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]
    expect(() => inGraph(nest(5, named, overflown))).toThrow(damaged)
  })

  it('are refused where a tensor is not said to be in a file', () => {
    expect(() => inGraph(nest(5, named))).toThrow('it is no ONNX, or damaged')
    expect(() => inGraph(nest(5, named, location(1), location(0)))).toThrow('it is no ONNX, or damaged')
    // Two halves of one tensor, which readers merge.
    expect(() => inGraph(nest(1, nest(5, nest(5, named), nest(5, location(1)))))).toThrow(RangeError)
  })

  it('are in a file of the folder, at whole bytes', () => {
    expect(() => inGraph(nest(5, entry('location', 'constructor'), location(1)))).toThrow('not beside it')
    expect(() => inGraph(nest(5, named, entry('offset', '0.5'), location(1)))).toThrow('beyond a file')
  })

  it('are not taken from one file many times over', () => {
    const many = Array.from({ length: 40 }, () => tensor(5))
    const most = nest(7, ...many).length + weights.length
    expect(() => inGraph(...many)).toThrow(
      new RangeError(
        `its weights in files have more than ${most} bytes, which is what all files have together`,
      ),
    )
    expect(inGraph(tensor(5), tensor(5)).length).toBeGreaterThan(2 * weights.length)
  })
})
