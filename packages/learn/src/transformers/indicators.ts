import type { Column } from '../frame.ts'
import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts'
import { cast } from '../onnx/steps.ts'
import type { OnnxColumns } from '../transformer.ts'
import { nameColumns, numeric } from './columns.ts'

/** Columns of 0 and 1: `names[places[row]]` is 1 in a row, none for a place of -1. */
export const indicators = (places: Int32Array, names: readonly string[]): [string, Column][] => {
  const columns = names.map(() => new Float32Array(places.length))
  places.forEach((place, row) => {
    if (place !== -1) columns[place][row] = 1
  })
  return names.map((name, index) => [name, numeric(columns[index])])
}

/** The same in a graph, of a tensor [rows, 1] of places; whatever is no place gives 0 everywhere. */
export const indicatorColumns = (
  graph: OnnxGraph,
  places: OnnxTensor,
  names: readonly string[],
): OnnxColumns => {
  const numbers = Array.from(names.keys())
  const shape = [names.length]
  const all = places.element === 'float' ? graph.floats(numbers, shape) : graph.integers(numbers, shape)
  const equal = graph.one('Equal', { inputs: [places, all] }, { element: 'bool', columns: names.length })
  return nameColumns(graph, cast(graph, equal, 'float'), names)
}
