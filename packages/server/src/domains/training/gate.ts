import { metricDirection, rowLossMetrics } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import { type Static, Type } from 'typebox'
import type { EvaluationTask } from './evaluation-target.ts'
import { readInput } from './step-input.ts'

const closed = { additionalProperties: false } as const
const Limits = Type.Object(
  { min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) },
  { ...closed, minProperties: 1 },
)
export type Limits = Static<typeof Limits>
const Name = Type.String({ minLength: 1, maxLength: 500 })
export const Columns = Type.Array(Name, { minItems: 1, maxItems: 20, uniqueItems: true })
const MetricLimits = Type.Record(Name, Limits, { minProperties: 1 })

/** When a model may be used: every part that is given must hold. Metrics are called as in learn. */
const Gate = Type.Object(
  {
    /** Each metric within its limits. */
    metrics: Type.Optional(MetricLimits),
    /** Better than what can be had without a model. */
    baseline: Type.Optional(
      Type.Object(
        {
          /** Columns whose groups give the historical baseline; without them there is the constant one alone. */
          groupBy: Type.Optional(Columns),
          /** By how much each metric must be better than that of every baseline. */
          margins: Type.Record(Name, Type.Number(), { minProperties: 1 }),
        },
        closed,
      ),
    ),
    /** Better than the model in place, on the same rows. */
    champion: Type.Optional(
      Type.Object(
        {
          /** One-sided significance. */
          alpha: Type.Number({ minimum: 0.0001, maximum: 0.25 }),
          /** With it, it is enough that the mean loss is surely not this much higher. */
          nonInferiorityMargin: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
          /** The loss of each row that is compared. Default: `logLoss` of classes, `meanSquaredError` of numbers. */
          metric: Type.Optional(Type.Enum([...rowLossMetrics])),
        },
        closed,
      ),
    ),
    /** Each metric within its limits in every slice of the rows by these columns. */
    slices: Type.Optional(
      Type.Object(
        {
          by: Columns,
          /** Slices of fewer rows are not judged. Default 30. */
          minimumRows: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 })),
          metrics: MetricLimits,
        },
        closed,
      ),
    ),
  },
  { ...closed, minProperties: 1 },
)
export type Gate = Static<typeof Gate>

/**
 * The gate, checked as far as that can be done without data.
 * @throws `step.input_invalid` for another shape, a gate without any part, and metrics that there are not
 */
export function readGate(value: unknown): Gate {
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) {
    throw fail('step.input_invalid', {
      input: 'gate',
      reason: 'it is empty and would let every model pass; give metrics, baseline, champion or slices',
    })
  }
  const gate = readInput('gate', Gate, value)
  checkMetrics('gate.metrics', gate.metrics)
  checkMetrics('gate.baseline.margins', gate.baseline?.margins)
  checkMetrics('gate.slices.metrics', gate.slices?.metrics)
  checkLimits('gate.metrics', gate.metrics)
  checkLimits('gate.slices.metrics', gate.slices?.metrics)
  return gate
}

/**
 * Refuses what was given for a comparison that the gate does not make, a comparison with nobody, and one by a loss of
 * another task.
 * @throws `step.input_invalid`
 */
export function checkGate(
  gate: Gate,
  given: { task: EvaluationTask; trainingData: unknown; champion: unknown },
): void {
  const refuse = (input: string, reason: string) => fail('step.input_invalid', { input, reason })
  if (given.trainingData && !gate.baseline) {
    throw refuse('trainingData', 'baselines learn from it, and the gate has no "baseline"; leave it out')
  }
  if (given.champion && !gate.champion) {
    throw refuse('champion', 'the gate has no "champion"; add { champion: { alpha } } or leave it out')
  }
  if (!given.champion && gate.champion) {
    throw refuse('champion', 'the gate compares with one; name it, or leave "champion" out of the gate')
  }
  const losses =
    given.task === 'regression' ? ['meanSquaredError', 'meanAbsoluteError'] : ['logLoss', 'brierScore']
  const metric = gate.champion?.metric
  if (metric !== undefined && !losses.includes(metric)) {
    throw refuse(
      'gate.champion.metric',
      `models for ${given.task} are compared by ${losses.join(' or ')}, not ${metric}`,
    )
  }
}

function checkMetrics(place: string, metrics: Readonly<Record<string, unknown>> = {}): void {
  for (const name of Object.keys(metrics)) {
    try {
      metricDirection(name)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw fail('step.input_invalid', { input: `${place}.${name}`, reason: error.message }, error)
    }
  }
}

function checkLimits(place: string, metrics: Readonly<Record<string, Limits>> = {}): void {
  for (const [name, { min, max }] of Object.entries(metrics)) {
    if (min === undefined || max === undefined || min <= max) continue
    const reason = `no value is at least ${min} and at most ${max}`
    throw fail('step.input_invalid', { input: `${place}.${name}`, reason })
  }
}
