import { describe, expect, it } from 'vitest'
import { calibrate } from '../../calibrate.ts'
import { fit, predict } from '../../fit.ts'
import { getJobMaker } from '../../jobs.ts'
import { pipeline } from '../../pipeline/spec.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { classTarget, numberTarget } from '../../target.ts'
import { createSoloTeam, type Team } from '../../team.ts'
import { classesOf, frameOf, relativeError } from '../../testing/frames.ts'
import { expectOnnxParity } from '../../testing/onnx-parity.ts'
import { randomForestClassifier } from '../forest/classifier.ts'
import { kNeighborsClassifier } from '../k-neighbors/classifier.ts'
import { ridge } from '../linear/ridge.ts'
import { logisticRegression } from '../logistic/logistic-regression.ts'
import { type CalibratedOptions, calibrated } from './calibrated.ts'
import fixture from './fixtures/calibrated.json' with { type: 'json' }
import { fitIsotonic, interpolate } from './isotonic.ts'
import { fitSigmoid } from './platt.ts'

const { curves } = fixture
const scores = Float64Array.from(curves.scores)
const weights = Float64Array.from(curves.weights)
const frame = frameOf(fixture.x)
const fresh = frameOf(fixture.fresh)

describe('fitSigmoid', () => {
  it('is the curve of least loss', () => {
    const { slope, intercept } = fitSigmoid(scores, Uint8Array.from(curves.outcomes), weights)
    expect(relativeError([slope, intercept], [curves.slope, curves.intercept])).toBeLessThan(1e-6)
  })

  it('stays finite for scores that divide the outcomes, equal scores and one outcome', () => {
    const one = new Float64Array(4).fill(1)
    const divided = fitSigmoid(Float64Array.of(0, 1, 2, 3), Uint8Array.of(0, 0, 1, 1), one)
    expect(divided.slope).toBeGreaterThan(0)
    expect(divided.slope).toBeLessThan(10)
    const equal = fitSigmoid(new Float64Array(4).fill(5), Uint8Array.of(0, 1, 1, 1), one)
    expect(1 / (1 + Math.exp(-(5 * equal.slope + equal.intercept)))).toBeCloseTo((3 * 0.8 + 1 / 3) / 4, 6)
    const single = fitSigmoid(Float64Array.of(0, 1, 2, 3), new Uint8Array(4), one)
    expect(1 / (1 + Math.exp(-single.intercept))).toBeCloseTo(1 / 6, 6)
  })
})

describe('fitIsotonic', () => {
  it('is the curve of scikit-learn', () => {
    const curve = fitIsotonic(scores, curves.outcomes, weights)
    expect(
      relativeError(
        curves.grid.map((score) => interpolate(curve, score)),
        curves.isotonic,
      ),
    ).toBeLessThan(1e-9)
  })
})

const learners = {
  kNeighborsClassifier: kNeighborsClassifier({ nNeighbors: 7, weights: 'distance' }),
  logisticRegression: logisticRegression({ tol: 1e-10 }),
}

describe('calibrated', () => {
  it.each(
    fixture.cases.map(
      (golden) => [golden.learner, golden.target, golden.method, golden.ensemble, golden] as const,
    ),
  )('%s on %s by %s, ensemble %s, predicts as scikit-learn', (learner, target, method, ensemble, golden) => {
    const spec = calibrated({
      learner: learners[learner as keyof typeof learners],
      method: method as CalibratedOptions['method'],
      ensemble,
      input: learner === 'kNeighborsClassifier' ? 'probability' : 'logit',
    })
    const model = fit(spec, { frame, target: classTarget(fixture[target as 'binary' | 'three']) })
    const { probabilities } = classesOf(predict(modelFromBytes(modelToBytes(model)), fresh))
    // scikit-learn stops its search for the logistic curve early.
    expect(relativeError(probabilities, golden.probabilities)).toBeLessThan(
      method === 'sigmoid' ? 1e-4 : 1e-6,
    )
  })

  it.each([
    ['sigmoid', 'binary', true],
    ['sigmoid', 'three', false],
    ['isotonic', 'binary', false],
    ['isotonic', 'three', true],
  ] as const)('is the same in ONNX: %s, %s', async (method, name, ensemble) => {
    const learner = logisticRegression({ C: 0.1 })
    const target = classTarget(fixture[name].map((code) => `class ${code}`))
    await expectOnnxParity(fit(calibrated({ learner, method, ensemble }), { frame, target }), fresh)
  })

  it('calibrates a model that there is', () => {
    const target = classTarget(fixture.binary)
    const inner = fit(logisticRegression(), { frame, target })
    const model = calibrate(inner, { frame, target }, { method: 'isotonic' })
    expect(modelFromBytes(modelToBytes(model))).toEqual(model)
    const { probabilities } = classesOf(predict(model, frame))
    const ones = probabilities.filter((_, at) => at % 2 === 1).reduce((sum, share) => sum + share, 0)
    expect(ones).toBeCloseTo(
      fixture.binary.reduce((sum, one) => sum + one, 0),
      6,
    )
    expect(() => calibrate(inner, { frame, target: classTarget(fixture.three) })).toThrow('the same classes')
  })

  it.each([true, false])('hands the team on to the learner within: ensemble %s', (ensemble) => {
    const solo = createSoloTeam(getJobMaker)
    const started: string[] = []
    const team: Team = {
      size: 1,
      start: (kind, data) => {
        started.push(kind)
        return solo.start(kind, data)
      },
    }
    const learner = randomForestClassifier({ nEstimators: 2 })
    const data = { frame, target: classTarget(fixture.binary) }
    fit(pipeline({ learner: calibrated({ learner, folds: 2, ensemble }) }), data, { team })
    expect(started.filter((kind) => kind === 'forest')).toHaveLength(ensemble ? 2 : 3)
  })

  it('says what it cannot take', () => {
    const learner = logisticRegression()
    expect(() => calibrated({ learner, folds: 1 })).toThrow("calibrated's folds must be an integer from 2")
    expect(() => calibrated({} as CalibratedOptions)).toThrow("calibrated's learner must be a learner's")
    const rare = classTarget(fixture.binary.map((code, row) => (row === 0 ? 'rare' : `${code}`)))
    expect(() => fit(calibrated({ learner }), { frame, target: rare })).toThrow('class rare has 1')
    expect(() => fit(calibrated({ learner }), { frame, target: numberTarget(fixture.binary) })).toThrow(
      'calibrated learns classes',
    )
    const target = classTarget(fixture.binary)
    expect(() => fit(calibrated({ learner: ridge() }), { frame, target })).toThrow('ridge learns numbers')
    const model = fit(calibrated({ learner }), { frame, target })
    expect(() => modelFromBytes(modelToBytes({ ...model, members: [] } as typeof model))).toThrow(
      'must have members',
    )
  })
})
