import {
  aggregate,
  buildTrainingSet,
  csv,
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
  monitor,
  onDemand,
  param,
  pipeline,
  project,
  registerModel,
  release,
  t,
  train,
  trainingSet,
  when,
} from 'millrace'
import { randomForestClassifier } from 'millrace/learn'

const deliveries = dataset('deliveries', {
  source: csv('data/deliveries.csv'),
  schema: { ordered_at: t.timestamp(), courier: t.string(), distance_km: t.float64(), minutes: t.int64() },
  // How long it took is known once it has arrived: features may not use it before.
  derived: { delivered_at: derive(t.timestamp(), 'ordered_at + to_minutes(minutes)') },
  timestamp: 'ordered_at',
  expect: (c) => [
    expect(c.courier).notToBeNull(),
    expect(c.minutes).toBeBetween(1, 240),
    expect(c.distance_km).toBeBetween(0, 50).mostly(0.99).warn(),
    expect.rowCount({ min: 1000 }),
  ],
})

const courier = entity('courier', { key: { courier: t.string() } })

const courierPace = featureView('courier_pace', {
  entity: courier,
  from: deliveries,
  timestamp: 'delivered_at',
  ttl: '30d',
  every: '1h',
  features: (f) => ({
    mean_minutes_7d: aggregate.mean(f.minutes, '7d'),
    mean_minutes_24h: aggregate.mean(f.minutes, '24h'),
    deliveries_24h: aggregate.count('24h'),
  }),
})

const calendar = onDemand('calendar', {
  input: { ordered_at: t.timestamp() },
  features: { hour: t.int64(), weekday: t.int64() },
  compute: ({ ordered_at }) => ({ hour: ordered_at.getUTCHours(), weekday: ordered_at.getUTCDay() }),
})

const features = featureService('delivery_features', [courierPace, calendar], {
  timestamp: 'ordered_at',
  request: { distance_km: t.float64() },
})

const lateDeliveries = trainingSet('late_deliveries', {
  spine: deliveries,
  service: features,
  label: label('late', t.boolean(), 'minutes > 35'),
})

/** Will this delivery take more than 35 minutes? */
export const lateness = endpoint('lateness', { model: 'late-deliveries', service: features })

const training = pipeline(
  'training',
  {
    params: {
      from: param(t.timestamp(), new Date('2025-01-08')),
      split: param(t.timestamp(), new Date('2025-02-15')),
      until: param(t.timestamp(), new Date('2025-03-02')),
    },
  },
  ({ params }) => {
    const version = ingest({ dataset: deliveries })
    const { from, split, until } = params
    const data = buildTrainingSet({ set: lateDeliveries, version, from, until: split })
    const later = buildTrainingSet({ set: lateDeliveries, version, from: split, until }, { id: 'later-data' })
    const model = train({
      data,
      experiment: 'late-deliveries',
      learner: randomForestClassifier({ nEstimators: 50, maxDepth: 8, minSamplesLeaf: 20, seed: 1 }),
    })
    const score = evaluate({
      model,
      data: later,
      trainingData: data,
      champion: 'late-deliveries@champion',
      gate: {
        baseline: { groupBy: ['hour', 'courier'], margins: { rocAuc: 0.02, logLoss: 0.005 } },
        champion: { alpha: 0.05 },
      },
    })
    const registered = registerModel({ model, evaluation: score, name: 'late-deliveries' })
    when(score.passed, () => {
      release({ model: registered, endpoint: lateness })
    })
  },
)

const daily = monitor('lateness-daily', {
  endpoint: lateness,
  window: '1d',
  retrain: {
    pipeline: training,
    cooldown: '7d',
    alerts: 2,
    ofWindows: 3,
    maxFailures: 3,
    params: { from: '-60d', split: '-7d', until: '0d' },
  },
})

export default project({ name: '{{name}}', definitions: [lateDeliveries, lateness, training, daily] })
