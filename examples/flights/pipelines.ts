import {
  buildTrainingSet,
  evaluate,
  ingest,
  monitor,
  pipeline,
  registerModel,
  release,
  t,
  train,
  when,
} from 'millrace'
import { gradientBoostingClassifier } from 'millrace/learn'
import { flights, lateFlights, lateness } from './definitions.ts'

/** Learn on [trainFrom, trainUntil), judge on the later [gateFrom, gateUntil), release if the gate lets it through. */
export const training = pipeline(
  'training',
  {
    params: {
      trainFrom: t.timestamp(),
      trainUntil: t.timestamp(),
      gateFrom: t.timestamp(),
      gateUntil: t.timestamp(),
    },
  },
  ({ params }) => {
    const source = ingest({ dataset: flights })
    const data = buildTrainingSet(
      { set: lateFlights, version: source.version, from: params.trainFrom, until: params.trainUntil },
      { id: 'training-data' },
    )
    const later = buildTrainingSet(
      { set: lateFlights, version: source.version, from: params.gateFrom, until: params.gateUntil },
      { id: 'gate-data' },
    )
    const trained = train({
      data: data.data,
      experiment: 'late-flights',
      learner: gradientBoostingClassifier({
        nEstimators: 40,
        learningRate: 0.3,
        maxLeafNodes: 63,
        minSamplesLeaf: 100,
        seed: 1,
      }),
    })
    const score = evaluate({
      model: trained.model,
      data: later.data,
      trainingData: data.data,
      champion: 'late-flights@champion',
      gate: {
        baseline: { groupBy: ['hour', 'origin'], margins: { rocAuc: 0.02, logLoss: 0.005 } },
        champion: { alpha: 0.05 },
      },
    })
    const registered = registerModel({
      model: trained.model,
      evaluation: score.evaluation,
      name: 'late-flights',
    })
    when(score.passed, () => {
      release({ model: registered.version, endpoint: lateness })
    })
  },
)

/**
 * Watches the scores day by day. Lateness comes in waves that last days, so a single bad day decides nothing: the
 * scores must be off by two points over a week, two days running.
 */
export const daily = monitor('lateness-daily', {
  endpoint: lateness,
  window: '1d',
  drift: { alpha: 0.01, minEffect: 0.1, minRows: 200, windows: 7 },
  calibration: { alpha: 0.01, minEffect: 0.02, windows: 7, minLabels: 2000 },
  retrain: {
    pipeline: training,
    cooldown: '14d',
    alerts: 2,
    ofWindows: 3,
    maxFailures: 2,
    // Labels arrive a day late: yesterday is the last day that can be learnt from or judged on.
    params: { trainFrom: '-98d', trainUntil: '-8d', gateFrom: '-8d', gateUntil: '-1d' },
  },
})
