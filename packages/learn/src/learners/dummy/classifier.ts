import { describeInputs } from '../../align-frame.ts'
import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import type { Model } from '../../model.ts'
import { classOutputs } from '../../onnx/class-outputs.ts'
import { choiceOption, makeSpec, type OptionRules, resolveOptions, seedOption } from '../../options.ts'
import { createRandom } from '../../random.ts'
import type { Label } from '../../target.ts'
import { checkNumbers, checkPart, checkTask } from '../check-model.ts'
import { addConstantRows } from '../onnx.ts'
import { requireClasses, resolveWeights, weighClasses } from '../target.ts'

export interface DummyClassifierOptions {
  /**
   * 'prior': the shares of the classes as probabilities. 'mostFrequent': 1 for the most frequent class (the first
   * one at ties). 'stratified': 1 for a class drawn by its share, for each row anew. Default 'prior'.
   */
  readonly strategy?: 'prior' | 'mostFrequent' | 'stratified'
  /** Of the draws of 'stratified'. Default 0. */
  readonly seed?: number
}
export interface DummyClassifierSpec extends LearnerSpec {
  readonly kind: 'dummyClassifier'
}
export interface DummyClassifierModel extends Model {
  readonly kind: 'dummyClassifier'
  readonly output: { readonly task: 'classification'; readonly classes: readonly Label[] }
  /** What each row gets; for 'stratified' the probabilities of the draw. */
  readonly probabilities: Float64Array
  /** Seed of the draws; null if there are none. */
  readonly drawSeed: number | null
}

const rules: OptionRules<Required<DummyClassifierOptions>> = {
  strategy: choiceOption('prior', ['prior', 'mostFrequent', 'stratified']),
  seed: seedOption,
}

/**
 * Predicts from the shares of the classes alone, whatever the columns hold: what a classifier has to beat.
 * A target of one class is allowed. Throws a RangeError for wrong options.
 */
export const dummyClassifier = (options: DummyClassifierOptions = {}): DummyClassifierSpec =>
  makeSpec('dummyClassifier', rules, options)

const drawClasses = (shares: Float64Array, rows: number, seed: number): Float64Array => {
  const random = createRandom(seed)
  const drawn = new Float64Array(rows * shares.length)
  const last = shares.findLastIndex((share) => share > 0)
  for (let row = 0; row < rows; row += 1) {
    let rest = random.uint32() / 2 ** 32
    let code = 0
    while (code < last && rest >= shares[code]) {
      rest -= shares[code]
      code += 1
    }
    drawn[row * shares.length + code] = 1
  }
  return drawn
}

const repeat = (shares: Float64Array, rows: number): Float64Array => {
  const repeated = new Float64Array(rows * shares.length)
  for (let row = 0; row < rows; row += 1) repeated.set(shares, row * shares.length)
  return repeated
}

export const dummyClassifierKind: LearnerKind<DummyClassifierModel, DummyClassifierSpec> = {
  kind: 'dummyClassifier',
  fit(spec, data) {
    const { strategy, seed } = resolveOptions('dummyClassifier', rules, spec.options)
    const target = requireClasses('dummyClassifier', data)
    const sums = weighClasses(target, resolveWeights(data))
    const total = sums.reduce((sum, weight) => sum + weight, 0)
    const most = sums.indexOf(Math.max(...sums))
    return {
      kind: 'dummyClassifier',
      inputs: describeInputs(data.frame),
      output: { task: 'classification', classes: [...target.classes] },
      probabilities:
        strategy === 'mostFrequent'
          ? sums.map((_, code) => (code === most ? 1 : 0))
          : sums.map((sum) => sum / total),
      drawSeed: strategy === 'stratified' ? seed : null,
    }
  },
  predict: ({ output, probabilities, drawSeed }, { rows }) => ({
    task: 'classification',
    classes: output.classes,
    probabilities:
      drawSeed === null ? repeat(probabilities, rows) : drawClasses(probabilities, rows, drawSeed),
  }),
  check({ output, probabilities, drawSeed }) {
    checkTask('classification', output)
    checkNumbers('probabilities', probabilities, output.classes.length)
    if (drawSeed !== null) checkPart('drawSeed', drawSeed, seedOption)
  },
  toOnnx({ output, probabilities, drawSeed }, graph, inputs) {
    if (drawSeed !== null)
      throw new RangeError(
        "a dummyClassifier of strategy 'stratified' cannot be exported: ONNX has not its draws",
      )
    return classOutputs(graph, addConstantRows(graph, inputs, probabilities), output.classes)
  },
}
