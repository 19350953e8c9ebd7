import { describe, expect, it } from 'vitest'
import { predict } from '../fit.ts'
import { createOnnxGraph } from '../onnx/create-graph.ts'
import { modelFromBytes, modelToBytes } from '../saving/model-bytes.ts'
import { frameOf, relativeError, valuesOf } from '../testing/frames.ts'
import golden from './fixtures/onnx.json' with { type: 'json' }
import ensembles from './fixtures/onnx-5.json' with { type: 'json' }
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

  it.each(ensembles.cases)('predicts as ONNX Runtime, ai.onnx.ml 5: $name', ({ onnx, rows, ...expected }) => {
    const classes = expected.classes ?? undefined
    const features = rows[0].map((_, column) => `x${column}`)
    const model = importOnnxTrees(fromBase64(onnx), { classes, features })
    const frame = frameOf(rows)
    const result = predict(model, frame)
    if (result.task === 'classification') {
      expect(result.classes).toEqual(classes)
      const ofSecond = result.probabilities.filter((_, at) => at % 2 === 1)
      const found = classes?.length === 2 ? ofSecond : result.probabilities
      expect(relativeError(found, expected.prediction)).toBeLessThan(1e-6)
    } else expect(relativeError(valuesOf(result), expected.prediction)).toBeLessThan(1e-6)
    expect(predict(modelFromBytes(modelToBytes(model)), frame)).toEqual(result)
  })

  it('asks for the classes of several targets', () => {
    const [one] = ensembles.cases.filter(({ classes }) => classes?.length === 3)
    expect(() => importOnnxTrees(fromBase64(one.onnx))).toThrow('if they are classes, name them')
    expect(() => importOnnxTrees(fromBase64(one.onnx), { classes: ['a', 'b'] })).toThrow(
      'there are 2 names of classes; the model has 3 classes',
    )
    // The sums of these trees are no probabilities.
    const numbers = fromBase64(ensembles.cases[0].onnx)
    expect(() => importOnnxTrees(numbers, { classes: ['no', 'yes'] })).toThrow('are not probabilities')
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
    expect(() => importOnnxTrees(write('TreeEnsemble'))).toThrow('it has no trees')
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
