import type { SearchSpace, TrialParameters } from '@millrace/learn'

/** A function to minimize, its space and its least value. */
export interface TestFunction {
  readonly space: SearchSpace
  readonly minimum: number
  readonly evaluate: (parameters: TrialParameters) => number
}

const cube = (size: number, low: number, high: number): SearchSpace =>
  Object.fromEntries(Array.from({ length: size }, (_, at) => [`x${at}`, { kind: 'float', low, high }]))

const vector = (size: number, parameters: TrialParameters): readonly number[] =>
  Array.from({ length: size }, (_, at) => Number(parameters[`x${at}`]))

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const hartmannScales = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
]
const hartmannCentres = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]

/** The same in `peer.py`. */
export const functions: Readonly<Record<string, TestFunction>> = {
  branin: {
    space: { x0: { kind: 'float', low: -5, high: 10 }, x1: { kind: 'float', low: 0, high: 15 } },
    minimum: 0.39788735772973816,
    evaluate(parameters) {
      const [x, y] = vector(2, parameters)
      const bow = y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6
      return bow ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10
    },
  },
  'hartmann-6': {
    space: cube(6, 0, 1),
    minimum: -3.322368011415515,
    evaluate(parameters) {
      const x = vector(6, parameters)
      return -sum(
        [1, 1.2, 3, 3.2].map(
          (height, peak) =>
            height *
            Math.exp(
              -sum(x.map((own, at) => hartmannScales[peak][at] * (own - hartmannCentres[peak][at]) ** 2)),
            ),
        ),
      )
    },
  },
  'rosenbrock-5': {
    space: cube(5, -5, 10),
    minimum: 0,
    evaluate(parameters) {
      const x = vector(5, parameters)
      return sum(x.slice(1).map((next, at) => 100 * (next - x[at] ** 2) ** 2 + (1 - x[at]) ** 2))
    },
  },
  'ackley-5': {
    space: cube(5, -32.8, 32.8),
    minimum: 0,
    evaluate(parameters) {
      const x = vector(5, parameters)
      const root = Math.sqrt(sum(x.map((own) => own ** 2)) / 5)
      const waves = sum(x.map((own) => Math.cos(2 * Math.PI * own))) / 5
      return -20 * Math.exp(-0.2 * root) - Math.exp(waves) + 20 + Math.E
    },
  },
  'sphere-10': {
    space: cube(10, -5, 5),
    minimum: 0,
    evaluate: (parameters) => sum(vector(10, parameters).map((own) => own ** 2)),
  },
  mixed: {
    space: {
      rate: { kind: 'float', low: 1e-6, high: 1, log: true },
      shape: { kind: 'categorical', choices: ['a', 'b', 'c', 'd'] },
      units: { kind: 'int', low: 1, high: 128 },
    },
    minimum: 0,
    evaluate({ rate, shape, units }) {
      const offset = [0.5, 0, 1, 2][['a', 'b', 'c', 'd'].indexOf(String(shape))]
      return (Math.log10(Number(rate)) + 3) ** 2 + offset + ((Number(units) - 37) / 40) ** 2
    },
  },
}
