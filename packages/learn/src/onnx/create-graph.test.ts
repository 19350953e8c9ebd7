import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { classOutputs } from './class-outputs.ts'
import { createOnnxGraph, type OnnxGraphBuilder } from './create-graph.ts'
import type { OnnxTensor } from './graph.ts'

const float = (name: string, columns = 1): OnnxTensor => ({ name, element: 'float', columns })

const run = async (
  graph: OnnxGraphBuilder,
  outputs: Record<string, OnnxTensor>,
  feeds: Record<string, ort.Tensor>,
) => {
  const bytes = graph.toBytes(new Map(Object.entries(outputs)))
  const session = await ort.InferenceSession.create(bytes)
  const results = await session.run(feeds)
  await session.release()
  return { bytes: new TextDecoder('latin1').decode(bytes), results }
}

const numbers = (values: readonly number[], columns: number): ort.Tensor =>
  new ort.Tensor('float32', Float32Array.from(values), [values.length / columns, columns])

describe('createOnnxGraph', () => {
  it('computes with constants of every element', async () => {
    const graph = createOnnxGraph('test')
    const x = graph.input(float('x'))
    const wide = graph.one(
      'Cast',
      { inputs: [x], attributes: { to: { integer: 11 } } },
      { element: 'double', columns: 1 },
    )
    const sum = graph.one(
      'Add',
      { inputs: [wide, graph.doubles([0.1], [1])] },
      { element: 'double', columns: 1 },
    )
    const row = graph.one(
      'Cast',
      { inputs: [x], attributes: { to: { integer: 7 } } },
      { element: 'int64', columns: 1 },
    )
    const place = graph.one(
      'Add',
      { inputs: [row, graph.integers([-1], [1])] },
      { element: 'int64', columns: 1 },
    )
    const text = graph.one(
      'Gather',
      { inputs: [graph.texts(['a', 'é'], [2]), place] },
      { element: 'string', columns: 1 },
    )
    const { results } = await run(graph, { sum, place, text }, { x: numbers([1, 2, 0], 1) })
    expect(Array.from(results.sum.data as Float64Array)).toEqual([1.1, 2.1, 0.1])
    expect(Array.from(results.place.data as BigInt64Array)).toEqual([0n, 1n, -1n])
    expect(results.text.data).toEqual(['a', 'é', 'é'])
  })

  it('joins what it split without an operator, and leaves out what nothing needs', async () => {
    const graph = createOnnxGraph('test')
    const x = graph.input(float('x', 3))
    const y = graph.input(float('y'))
    const pieces = graph.split(x)
    expect(graph.join(pieces)).toBe(x)
    const mixed = graph.join([y, pieces[2], pieces[0], y, pieces[1]])
    expect(mixed.columns).toBe(5)
    const only = await run(graph, { mixed }, { x: numbers([1, 2, 3, 4, 5, 6], 3), y: numbers([7, 8], 1) })
    expect(Array.from(only.results.mixed.data as Float32Array)).toEqual([7, 3, 1, 7, 2, 8, 6, 4, 8, 5])
    const same = await run(
      graph,
      { same: graph.join(pieces) },
      { x: numbers([1, 2, 3], 3), y: numbers([0], 1) },
    )
    expect(same.bytes).not.toContain('Split')
  })

  it('gives equal constants one name', () => {
    const graph = createOnnxGraph('test')
    expect(graph.floats([1, Number.NaN], [2])).toBe(graph.floats(Float32Array.of(1, Number.NaN), [2]))
    expect(graph.floats([0], [1])).not.toBe(graph.floats([-0], [1]))
    expect(graph.floats([1], [1])).not.toBe(graph.doubles([1], [1]))
    expect(graph.floats([1], [1])).not.toBe(graph.floats([1], []))
  })
})

describe('classOutputs', () => {
  it.each([
    { classes: ['no', 'yes'], labels: ['yes', 'no', 'no'] },
    { classes: [-3, 4], labels: [4n, -3n, -3n] },
    { classes: [0.5, 1.5], labels: [1.5, 0.5, 0.5] },
    { classes: [false, true], labels: [1, 0, 0] },
  ])('labels $classes', async ({ classes, labels }) => {
    const graph = createOnnxGraph('test')
    const [label, probabilities] = classOutputs(graph, graph.input(float('p', 2)), classes)
    const { results } = await run(
      graph,
      { label, probabilities },
      { p: numbers([0.4, 0.6, 0.6, 0.4, 0.5, 0.5], 2) },
    )
    expect(Array.from(results.label.data as ArrayLike<unknown>)).toEqual(labels)
    expect(results.label.dims).toEqual([3])
  })
})
