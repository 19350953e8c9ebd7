import { describe, expect, it } from 'vitest'
import { fit, predict } from '../../fit.ts'
import { createFrame, numericColumn } from '../../frame.ts'
import xgboostGolden from '../../importers/fixtures/xgboost.json' with { type: 'json' }
import { importXgboost } from '../../importers/xgboost.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { classTarget } from '../../target.ts'
import { classesOf } from '../../testing/frames.ts'
import { treeEnsembleClassifierKind } from './classifier.ts'

const [binary] = xgboostGolden.cases

describe('an imported tree ensemble', () => {
  it.each(xgboostGolden.cases)('survives saving: $name', ({ json }) => {
    const model = importXgboost(json)
    expect(modelFromBytes(modelToBytes(model))).toEqual(model)
  })

  it('takes its columns in the order of the file, also if their names look like indexes', () => {
    const columns = binary.rows[0].map((_, column) => numericColumn(binary.rows.map((row) => row[column])))
    const names = ['10', '9', 'x', '2', '1']
    const named = (list: readonly string[]) =>
      predict(
        importXgboost(binary.json, { features: list }),
        createFrame(Object.fromEntries(list.map((name, index) => [name, columns[index]]))),
      )
    expect(named(names)).toEqual(named(['a', 'b', 'c', 'd', 'e']))
  })

  it('cannot be fitted', () => {
    const frame = createFrame({ x: numericColumn([1, 2]) })
    const data = { frame, target: classTarget(['a', 'b']) }
    expect(() => fit({ kind: 'treeEnsembleClassifier', options: {} }, data)).toThrow(
      'treeEnsembleClassifier is read from a file of ONNX, XGBoost or LightGBM and cannot be fitted',
    )
  })

  it('has as many classes as its trees have outputs, or two for one', () => {
    const model = importXgboost(binary.json, { classes: [false, true] })
    if (model.kind !== 'treeEnsembleClassifier') throw new TypeError(model.kind)
    const wrong = { ...model, output: { task: 'classification', classes: ['a', 'b', 'c'] } } as const
    expect(() => treeEnsembleClassifierKind.check(wrong)).toThrow('they have 1 outputs, not 3')
    const columns = model.inputs.map(({ name }): [string, ReturnType<typeof numericColumn>] => [
      name,
      numericColumn([0, null]),
    ])
    const { probabilities, classes } = classesOf(predict(model, createFrame(Object.fromEntries(columns))))
    expect(classes).toEqual([false, true])
    expect(probabilities[0] + probabilities[1]).toBe(1)
  })

  it('refuses columns of other kinds and names', () => {
    const model = importXgboost(binary.json)
    expect(() => predict(model, createFrame({ f0: numericColumn([1]) }))).toThrow("lacks column 'f1'")
  })
})
