import { describe, expect, it } from 'vitest'
import { predict } from '../fit.ts'
import { createOnnxGraph } from '../onnx/create-graph.ts'
import { frameOf, relativeError, valuesOf } from '../testing/frames.ts'
import golden from './fixtures/onnx.json' with { type: 'json' }
import { importOnnxTrees } from './onnx.ts'

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

describe('importOnnxTrees', () => {
  it.each(golden.cases)('predicts as ONNX Runtime: $name', ({ onnx, rows, prediction, classes }) => {
    const model = importOnnxTrees(fromBase64(onnx), { features: rows[0].map((_, column) => `x${column}`) })
    const result = predict(model, frameOf(rows))
    if (result.task === 'classification') {
      expect(result.classes.map(String)).toEqual(classes)
      expect(relativeError(result.probabilities, prediction)).toBeLessThan(1e-6)
    } else expect(relativeError(valuesOf(result), prediction)).toBeLessThan(1e-6)
  })

  it('says which operator it cannot read', () => {
    const write = (op: string): Uint8Array => {
      const graph = createOnnxGraph('test')
      const input = graph.input({ name: 'x', element: 'float', columns: 1 })
      const output = graph.one(
        op,
        { domain: 'ai.onnx.ml', inputs: [input] },
        { element: 'float', columns: 1 },
      )
      return graph.toBytes(new Map([['y', output]]))
    }
    expect(() => importOnnxTrees(write('TreeEnsemble'))).toThrow('it has a TreeEnsemble of ai.onnx.ml 5')
    expect(() => importOnnxTrees(write('Scaler'))).toThrow('it has 0 tree ensembles, not one')
    const scaled = createOnnxGraph('test')
    const input = scaled.input({ name: 'x', element: 'float', columns: 1 })
    const shape = { element: 'float', columns: 1 } as const
    const between = scaled.one('Scaler', { domain: 'ai.onnx.ml', inputs: [input] }, shape)
    const trees = scaled.one('TreeEnsembleRegressor', { domain: 'ai.onnx.ml', inputs: [between] }, shape)
    expect(() => importOnnxTrees(scaled.toBytes(new Map([['y', trees]])))).toThrow(
      'it also has the operator Scaler',
    )
  })
})
