import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { predict } from '../fit.ts'
import { categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import lightgbmGolden from './fixtures/lightgbm.json' with { type: 'json' }
import onnxGolden from './fixtures/onnx.json' with { type: 'json' }
import ensembleGolden from './fixtures/onnx-5.json' with { type: 'json' }
import xgboostGolden from './fixtures/xgboost.json' with { type: 'json' }
import { importLightgbm } from './lightgbm.ts'
import { importOnnxTrees } from './onnx.ts'
import type { TreeEnsembleModel } from './tree-model.ts'
import { importXgboost } from './xgboost.ts'

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

/** A frame of two rows that the model takes. */
const anyFrame = ({ inputs }: TreeEnsembleModel) =>
  createFrame(
    Object.fromEntries(
      inputs.map(({ name, kind }) => [
        name,
        kind === 'categorical' ? categoricalColumn(['c1', null]) : numericColumn([1, null]),
      ]),
    ),
  )

/** Either the file is refused with a RangeError, or what was read predicts. */
const expectRefusedOrSound = (read: () => TreeEnsembleModel): void => {
  let model: TreeEnsembleModel
  try {
    model = read()
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError)
    return
  }
  if (model.inputs.length > 1000) return
  const prediction = predict(model, anyFrame(model))
  const numbers = prediction.task === 'classification' ? prediction.probabilities : []
  expect(Array.from(numbers).some(Number.isNaN)).toBe(false)
}

const change = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  byte: fc.nat(255),
})
const damage = fc.record({
  changes: fc.array(change, { maxLength: 4 }),
  keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
})

const damaged = (
  bytes: Uint8Array,
  { changes, keep }: typeof damage extends fc.Arbitrary<infer T> ? T : never,
) => {
  const copy = bytes.slice(0, Math.ceil(bytes.length * keep))
  for (const { at, byte } of changes) copy[Math.floor(at * copy.length)] = byte
  return copy
}

const named = (name: string) => {
  const found = xgboostGolden.cases.find((one) => one.name === name)
  if (!found) throw new RangeError(`no case '${name}'`)
  return found
}
const toText = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
const toBytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

const files: [string, Uint8Array, (bytes: Uint8Array) => TreeEnsembleModel][] = [
  ['XGBoost JSON', toBytes(named('categories').json), importXgboost],
  ['XGBoost UBJSON', fromBase64(named('multi:softprob').ubj ?? ''), importXgboost],
  [
    'LightGBM',
    toBytes(lightgbmGolden.cases.find(({ name }) => name === 'categories')?.text ?? ''),
    (bytes) => importLightgbm(toText(bytes)),
  ],
  ['ONNX', fromBase64(onnxGolden.cases[1].onnx), (bytes) => importOnnxTrees(bytes)],
  ['ONNX of opset 5', fromBase64(ensembleGolden.cases[2].onnx), (bytes) => importOnnxTrees(bytes)],
]

describe('a damaged file', () => {
  it.each(files)('of %s is refused, or read to something sound', (_, file, read) => {
    fc.assert(
      fc.property(damage, (how) => expectRefusedOrSound(() => read(damaged(file, how)))),
      { numRuns: 60 },
    )
  })

  it.each([
    ['{"a":1}', 'learner must be an object'],
    ['binf', 'old binary format'],
    ['{', 'ends too early'],
    ['{"learner":', 'no JSON'],
    ['', 'does not begin'],
  ])('%s is no model of XGBoost', (text, reason) => {
    expect(() => importXgboost(text)).toThrow(reason)
  })

  const edit = (change: (file: XgboostFile) => void): string => {
    const file: XgboostFile = JSON.parse(named('binary:logistic').json)
    change(file)
    return JSON.stringify(file)
  }
  interface XgboostFile {
    learner: {
      objective: { name: string }
      learner_model_param: { num_target: string; base_score: string }
      gradient_booster: { name: string; model: { trees: Record<string, number[]>[] } }
    }
  }

  it('that goes in circles is refused', () => {
    const circle = edit(({ learner }) => {
      learner.gradient_booster.model.trees[0].left_children[1] = 0
    })
    expect(() => importXgboost(circle)).toThrow('more than one node leads to node 0 of tree 0')
  })

  it('that names what cannot be read says so', () => {
    expect(() =>
      importXgboost(
        edit(({ learner }) => {
          learner.objective.name = 'binary:hinge'
        }),
      ),
    ).toThrow("its objective is 'binary:hinge'")
    expect(() =>
      importXgboost(
        edit(({ learner }) => {
          learner.gradient_booster.name = 'gblinear'
        }),
      ),
    ).toThrow("its booster is 'gblinear'")
    expect(() =>
      importXgboost(
        edit(({ learner }) => {
          learner.learner_model_param.num_target = '2'
        }),
      ),
    ).toThrow('several targets')
    expect(() =>
      importXgboost(
        edit(({ learner }) => {
          learner.learner_model_param.base_score = '[1E0]'
        }),
      ),
    ).toThrow('base_score is [1E0]')
  })

  it('of nested lists without end is refused', () => {
    expect(() => importXgboost(toBytes(`{U\u0001a${'['.repeat(100_000)}`))).toThrow('nested more than')
    expect(() => importXgboost(toBytes('{U\u0001a[$D#l\u007f\u00ff\u00ff\u00ff'))).toThrow('ends too early')
  })

  it('is not made of names that do not fit', () => {
    const { json } = named('binary:logistic')
    expect(() => importXgboost(json, { features: ['a'] })).toThrow('there are 1 names of features')
    expect(() => importXgboost(json, { features: ['a', 'b', 'c', 'd', 'a'] })).toThrow("named 'a'")
    expect(() => importXgboost(json, { classes: ['no', 'no'] })).toThrow('named twice')
    expect(() => importXgboost(json, { classes: ['a', 'b', 'c'] })).toThrow('3 names of classes')
    expect(importXgboost(json, { classes: ['no', 'yes'] }).output).toEqual({
      task: 'classification',
      classes: ['no', 'yes'],
    })
  })
})
