import {
  aggregate,
  buildTrainingSet,
  dataset,
  derive,
  endpoint,
  entity,
  evaluate,
  expect,
  featureService,
  featureView,
  ingest,
  label,
  last,
  monitor,
  onDemand,
  param,
  parquet,
  pipeline,
  project,
  registerModel,
  release,
  sql,
  step,
  t,
  train,
  trainingSet,
  when,
} from '../index.ts'
import { randomForestClassifier } from '../learn.ts'

/** A project with one of everything. */
export const flights = dataset('flights', {
  source: parquet('data/flights.parquet'),
  schema: {
    date: t.timestamp(),
    delay: t.int64(),
    distance: t.int64(),
    origin: t.string(),
    destination: t.string(),
  },
  derived: { departed: derive(t.timestamp(), 'date + to_minutes(greatest(delay, 0))') },
  timestamp: 'date',
  expect: (c) => [
    expect(c.origin).notToBeNull(),
    expect(c.origin).toMatch(/^[A-Z]{3}$/),
    expect(c.delay).toBeBetween(-120, 2000).mostly(0.999).warn(),
    expect.rowCount({ min: 1000 }),
  ],
})

export const airport = entity('airport', { key: { origin: t.string() } })

export const airportDelays = featureView('airport_delays', {
  entity: airport,
  from: flights,
  timestamp: 'departed',
  ttl: '30d',
  every: '1h',
  features: (f) => ({
    mean_delay_24h: aggregate.mean(f.delay, '24h'),
    departures_1h: aggregate.count('1h'),
    late_share_3h: aggregate.mean(sql`delay > 15`, '3h'),
    newest_distance: last(f.distance),
  }),
})

export const calendar = onDemand('calendar', {
  input: { date: t.timestamp() },
  features: { hour: t.int64(), weekday: t.int64() },
  compute: ({ date }) => ({ hour: date.getUTCHours(), weekday: date.getUTCDay() }),
})

export const delayFeatures = featureService('delay_features', [airportDelays, calendar], {
  request: { distance: t.int64() },
  timestamp: 'date',
})

export const lateFlights = trainingSet('late_flights', {
  spine: flights,
  service: delayFeatures,
  label: label('late', t.boolean(), 'delay > 15'),
})

export const late = endpoint('late', { model: 'late-flights', service: delayFeatures })

export const notify = step('notify', {
  inputs: { reason: t.string(), at: t.timestamp() },
  outputs: { sent: t.boolean() },
  run: ({ reason, at }, context) => {
    context.log(`${reason} at ${at.toISOString()}`)
    return { sent: true }
  },
})

export const retraining = pipeline(
  'retraining',
  {
    params: { from: t.timestamp(), split: t.timestamp(), until: t.timestamp(), trees: param(t.int64(), 100) },
  },
  ({ params }) => {
    const version = ingest({ dataset: flights })
    const data = buildTrainingSet({ set: lateFlights, version, from: params.from, until: params.split })
    const holdout = buildTrainingSet(
      { set: lateFlights, version, from: params.split, until: params.until },
      { id: 'holdout' },
    )
    const learner = randomForestClassifier({ nEstimators: 20, seed: 1 })
    const model = train({ data, experiment: 'late', learner })
    const score = evaluate({
      model,
      data: holdout,
      trainingData: data,
      champion: 'late-flights@champion',
      gate: {
        baseline: { groupBy: ['hour', 'origin'], margins: { rocAuc: 0.02, logLoss: 0.01 } },
        champion: { alpha: 0.05 },
      },
    })
    const registered = registerModel({ model, evaluation: score, name: 'late-flights' })
    when(score.passed, () => {
      release({ model: registered, endpoint: late })
      notify({ reason: score.reason, at: params.until })
    })
  },
)

const watch = monitor('watch', {
  endpoint: late,
  window: '1d',
  drift: { minEffect: 0.15 },
  retrain: {
    pipeline: retraining,
    cooldown: '7d',
    alerts: 3,
    ofWindows: 5,
    maxFailures: 3,
    params: { from: '-90d', split: '-14d', until: '0d' },
  },
})

export default project({ name: 'flights', definitions: [watch] })
