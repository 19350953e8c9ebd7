import {
  buildTrainingSet,
  evaluate,
  ingest,
  pipeline,
  ref,
  registerModel,
  release,
  step,
  t,
  train,
  when,
} from '../index.ts'
import { gradientBoostingClassifier, ridge } from '../learn.ts'
import { flights, late, lateFlights } from '../testing/flights.ts'

// Compiled by `tsc`, never run: an expected error that is missing fails the check.

const count = step('count', {
  inputs: { data: ref.trainingSet(), above: t.int64() },
  outputs: { rows: t.int64() },
  run: ({ data, above }) => ({ rows: Math.max(0, data.rows - above) }),
})

pipeline('x', { params: { until: t.timestamp(), trees: t.int64() } }, ({ params }) => {
  const version = ingest({ dataset: flights })
  const from = new Date(0)
  const data = buildTrainingSet({ set: lateFlights, version, from, until: params.until })
  const model = train({ data, experiment: 'x', learner: gradientBoostingClassifier() })
  const margins = { rocAuc: 0, logLoss: 0 }
  const gate = { baseline: { groupBy: ['hour', 'origin'], margins }, champion: { alpha: 0.05 } } as const
  const score = evaluate({ model, data, gate, champion: 'x@champion', slices: ['origin'] })
  const registered = registerModel({ model, evaluation: score, name: 'x' })

  // @ts-expect-error a parameter of another type
  buildTrainingSet({ set: lateFlights, version, from, until: params.trees })
  // @ts-expect-error a parameter that is not there
  buildTrainingSet({ set: lateFlights, version, from, until: params.til })
  // @ts-expect-error a dataset in place of a training set
  buildTrainingSet({ set: flights, version, from, until: params.until })
  // @ts-expect-error a model in place of data
  train({ data: model, experiment: 'x', learner: ridge() })
  // @ts-expect-error data in place of a model
  evaluate({ model: data, data, gate })
  // @ts-expect-error a misspelt column of the training set
  evaluate({ model, data, gate: { baseline: { groupBy: ['huor'], margins } } })
  // @ts-expect-error a misspelt column to slice by
  evaluate({ model, data, gate, slices: ['orign'] })
  // @ts-expect-error a part that the gate does not have
  evaluate({ model, data, gate: { baselines: { margins } } })
  const trained = train({ data, experiment: 'x', learner: ridge({ alpha: 2 }) })
  evaluate({ model: trained, data, gate: { metrics: { r2: { min: 0.5 } } } })
  train({ data, experiment: 'x', learner: ridge(), validation: 0.1 })
  train({
    data,
    experiment: 'x',
    learner: ridge(),
    validation: data,
    crossValidation: { kind: 'time', gap: '1d' },
  })
  // @ts-expect-error a group without a column
  train({ data, experiment: 'x', learner: ridge(), crossValidation: { kind: 'group' } })
  // @ts-expect-error a learner is no name
  train({ data, experiment: 'x', learner: 'ridge' })
  // @ts-expect-error an option that the learner does not have
  train({ data, experiment: 'x', learner: ridge({ alfa: 2 }) })
  // @ts-expect-error a limit that there is not
  evaluate({ model: trained, data, gate: { metrics: { r2: { least: 0.5 } } } })
  // @ts-expect-error an input is missing
  registerModel({ model, evaluation: score })
  // @ts-expect-error a trained model in place of a registered version
  release({ model, endpoint: late })
  // @ts-expect-error a text in place of an endpoint
  release({ model: registered, endpoint: 'late' })
  // @ts-expect-error a condition that is no boolean
  when(score.reason, () => {})

  const counted = count({ data, above: data.rows })
  count({ data, above: counted.rows })
  // @ts-expect-error a text for a number
  count({ data, above: score.reason })
  // @ts-expect-error an output that is not there
  count({ data, above: counted.row })
})

// @ts-expect-error a step that gives too little
step('x', { inputs: {}, outputs: { rows: t.int64() }, run: () => ({}) })
// @ts-expect-error a step that reads what it does not take
step('x', { inputs: { n: t.int64() }, outputs: { rows: t.int64() }, run: ({ m }) => ({ rows: m }) })
