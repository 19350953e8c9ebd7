import { describe, expect, it } from 'vitest'
import { predict } from '../fit.ts'
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
})
