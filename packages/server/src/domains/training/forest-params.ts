import { Type } from 'typebox'
import { readInput } from './step-input.ts'

const ForestParams = Type.Object(
  {
    nEstimators: Type.Integer({ minimum: 1, maximum: 10_000 }),
    maxDepth: Type.Union([Type.Integer({ minimum: 1, maximum: 1000 }), Type.Null()]),
    minSamplesLeaf: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }),
    maxFeatures: Type.Union([
      Type.Literal('sqrt'),
      Type.Literal('log2'),
      Type.Integer({ minimum: 1, maximum: 10_000 }),
    ]),
    maxSamples: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    seed: Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 32 - 1 }),
  },
  { additionalProperties: false },
)

const defaults = {
  nEstimators: 100,
  maxDepth: 12,
  minSamplesLeaf: 1,
  maxFeatures: 'sqrt',
  maxSamples: 1,
  seed: 0,
} as const

/**
 * The parameters with every default filled in, so that a run records what was really used.
 * @throws `step.input_invalid`
 */
export function readForestParams(value: unknown) {
  const given = readInput('params', Type.Partial(ForestParams, { additionalProperties: false }), value ?? {})
  const chosen = Object.fromEntries(Object.entries(given).filter(([, setting]) => setting !== undefined))
  return readInput('params', ForestParams, { ...defaults, ...chosen })
}
