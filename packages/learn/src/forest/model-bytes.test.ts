import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import { fitForestClassifier } from './fit.ts'
import { modelFromBytes, modelToBytes } from './model-bytes.ts'
import { predictProbability } from './predict.ts'

const frame = createFrame({
  distance: numericColumn([0.1, null, 3, 4, -0, 6]),
  city: categoricalColumn(['Zürich', 'b', null, 'b', 'c', 'Zürich']),
})
const model = fitForestClassifier(frame, [0, 1, 0, 1, 1, 0], { nEstimators: 7 })
const bytes = modelToBytes(model)

describe('modelFromBytes', () => {
  it('restores the model bit for bit, also from a view into a larger buffer', () => {
    expect(modelFromBytes(bytes)).toEqual(model)
    const buffer = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)
    const restored = modelFromBytes(buffer)
    expect(modelToBytes(restored)).toEqual(bytes)
    expect(predictProbability(restored, frame)).toEqual(predictProbability(model, frame))
  })

  it('refuses other, truncated and longer bytes', () => {
    expect(() => modelFromBytes(new Uint8Array(100))).toThrow(/not a stored forest model: no 'MRFORST1'/)
    for (let length = 0; length < bytes.length; length += 7)
      expect(() => modelFromBytes(bytes.subarray(0, length))).toThrow(RangeError)
    expect(() => modelFromBytes(Buffer.concat([bytes, new Uint8Array(8)]))).toThrow('8 bytes are left over')
  })

  it('never makes a model of damaged bytes that could not predict', () => {
    const position = fc.nat(bytes.length - 1)
    fc.assert(
      fc.property(position, fc.nat(255), (at, value) => {
        const damaged = bytes.slice()
        damaged[at] = value
        try {
          const restored = modelFromBytes(damaged)
          const kept = restored.preprocessor.columns.map((column) => column.name)
          if (kept.join() === 'distance,city')
            for (const p of predictProbability(restored, frame)) expect(p >= 0 && p <= 1).toBe(true)
        } catch (error) {
          expect(error).toSatisfy((e) => e instanceof RangeError || e instanceof TypeError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
