import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit, predict } from '../fit.ts'
import { categoricalColumn, createFrame, numericColumn, timestampColumn } from '../frame.ts'
import { ridge } from '../learners/linear/ridge.ts'
import type { Model } from '../model.ts'
import { pipeline } from '../pipeline/spec.ts'
import { numberTarget } from '../target.ts'
import { dateParts } from '../transformers/date-parts.ts'
import { impute } from '../transformers/impute.ts'
import { quantileTransform } from '../transformers/quantile-transform.ts'
import { targetEncode } from '../transformers/target-encode.ts'
import { modelFromBytes, modelToBytes } from './model-bytes.ts'

const frame = createFrame({
  x: numericColumn([1, null, 3, 4.5, -2, 8]),
  city: categoricalColumn(['Zürich', 'b', null, 'b', 'Zürich', 'b']),
  at: timestampColumn([0, 1e12, null, 5e11, 1.7e12, -1e11]),
})
const spec = pipeline({
  columns: [
    ['x', [impute({ strategy: 'median', addIndicator: true }), quantileTransform()]],
    ['city', [targetEncode({ cv: 2 })]],
    ['at', [impute(), dateParts({ cyclic: ['month'] })]],
  ],
  learner: pipeline({ columns: [[{ kind: 'numeric' }, []]], rest: 'drop', learner: ridge() }),
})
const model = fit(spec, { frame, target: numberTarget([1, 2, 3, 5, 8, 13]) })
const bytes = modelToBytes(model)

describe('modelToBytes', () => {
  it('gives the same bytes for the same model, and the model back, bit for bit', () => {
    expect(Buffer.compare(modelToBytes(structuredClone(model)), bytes)).toBe(0)
    const loaded = modelFromBytes(bytes)
    expect(loaded).toEqual(model)
    expect(Buffer.compare(modelToBytes(loaded), bytes)).toBe(0)
    expect(predict(loaded, frame)).toEqual(predict(model, frame))
  })

  it('reads from the middle of a larger buffer', () => {
    const larger = Buffer.concat([Buffer.from('abc'), bytes, Buffer.from('xyz')])
    expect(modelFromBytes(larger.subarray(3, 3 + bytes.length))).toEqual(model)
  })
})

describe('modelFromBytes', () => {
  it('refuses what is cut off or too long', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => modelFromBytes(bytes.slice(0, length))).toThrow('these bytes are not a stored model')
      }),
    )
    const longer = new Uint8Array(bytes.length + 8)
    longer.set(bytes)
    expect(() => modelFromBytes(longer)).toThrow('8 bytes are left over')
  })

  it('refuses what was damaged, if it cannot predict from it', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const damaged = bytes.slice()
        damaged[place] ^= change
        const load = (): Model | undefined => {
          try {
            return modelFromBytes(damaged)
          } catch (error) {
            expect(error, String(error)).toBeInstanceOf(RangeError)
            return undefined
          }
        }
        const loaded = load()
        if (!loaded) return
        try {
          predict(loaded, frame)
        } catch (error) {
          // A damaged name is another column; a damaged number may be one that the learner refuses.
          expect(String(error)).toMatch(/column '/)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
