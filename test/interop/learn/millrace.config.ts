// The starter project's deliveries with a label of each kind, models of `train`, and those that Python brings.
import {
  buildTrainingSet,
  csv,
  dataset,
  endpoint,
  evaluate,
  featureService,
  type Gate,
  importModel,
  ingest,
  label,
  onDemand,
  pipeline,
  project,
  registerModel,
  release,
  t,
  train,
  trainingSet,
} from 'millrace'
import { gradientBoostingClassifier, impute, oneHot, standardScale, pipeline as steps } from 'millrace/learn'

const deliveries = dataset('deliveries', {
  source: csv('data/deliveries.csv'),
  schema: { ordered_at: t.timestamp(), courier: t.string(), distance_km: t.float64(), minutes: t.int64() },
  timestamp: 'ordered_at',
})
const calendar = onDemand('calendar', {
  input: { ordered_at: t.timestamp() },
  features: { hour: t.int64(), weekend: t.boolean() },
  compute: ({ ordered_at }) => ({
    hour: ordered_at.getUTCHours(),
    weekend: [0, 6].includes(ordered_at.getUTCDay()),
  }),
})
const service = featureService('delivery_features', [calendar], {
  timestamp: 'ordered_at',
  request: { courier: t.string(), distance_km: t.float64() },
})
const late = trainingSet('late', {
  spine: deliveries,
  service,
  label: label('late', t.boolean(), 'minutes > 35'),
})
const speeds = trainingSet('speeds', {
  spine: deliveries,
  service,
  label: label(
    'speed',
    t.string(),
    "CASE WHEN minutes < 25 THEN 'fast' WHEN minutes > 35 THEN 'slow' ELSE 'usual' END",
  ),
})
const durations = trainingSet('durations', {
  spine: deliveries,
  service,
  label: label('duration', t.float64(), 'minutes'),
})
const endpoints = Object.fromEntries(
  ['late', 'sklearn', 'mlp', 'xgboost', 'lightgbm'].map((name) => [
    name,
    endpoint(name, { model: name, service }),
  ]),
)

const learnt = { from: new Date('2025-01-08'), until: new Date('2025-02-15') }
const later = { from: learnt.until, until: new Date('2025-03-02') }

/** Makes the training sets, and the champion for what comes from Python. */
const here = pipeline('here', { params: {} }, () => {
  const version = ingest({ dataset: deliveries })
  buildTrainingSet({ set: speeds, version, ...learnt })
  buildTrainingSet({ set: durations, version, ...learnt })
  const data = buildTrainingSet({ set: late, version, ...learnt })
  const model = train({
    data,
    experiment: 'late',
    learner: steps({
      columns: [
        ['courier', [oneHot({ handleUnknown: 'ignore' })]],
        [{ kind: 'numeric' }, [impute(), standardScale()]],
      ],
      learner: gradientBoostingClassifier({ nEstimators: 30, seed: 1 }),
    }),
  })
  const evaluation = evaluate({
    model,
    data: buildTrainingSet({ set: late, version, ...later }),
    gate: { metrics: { rocAuc: { min: 0.6 } } },
  })
  release({ model: registerModel({ model, evaluation, name: 'late' }), endpoint: endpoints.late })
})

const uri = t.string()
const imports = pipeline(
  'imports',
  { params: { sklearn: uri, mlp: uri, xgboost: uri, lightgbm: uri } },
  ({ params }) => {
    const version = ingest({ dataset: deliveries })
    const data = {
      late: buildTrainingSet({ set: late, version, ...later }),
      speeds: buildTrainingSet({ set: speeds, version, ...later }),
      durations: buildTrainingSet({ set: durations, version, ...later }),
    }
    const bring = (
      name: keyof typeof params,
      judgement: Omit<Parameters<typeof evaluate>[0], 'model'> & { gate: Gate<Record<string, unknown>> },
    ) => {
      const model = importModel({ from: params[name] }, { id: `import-${name}` })
      const evaluation = evaluate({ model, ...judgement }, { id: `evaluate-${name}` })
      const registered = registerModel({ model, evaluation, name }, { id: `register-${name}` })
      release({ model: registered, endpoint: endpoints[name] }, { id: `release-${name}` })
    }
    bring('sklearn', {
      data: data.late,
      champion: 'late@champion',
      gate: { champion: { alpha: 0.05, nonInferiorityMargin: 0.2 } },
    })
    bring('mlp', { data: data.late, gate: { metrics: { rocAuc: { min: 0.55 } } } })
    bring('xgboost', { data: data.speeds, gate: { metrics: { accuracy: { min: 0.5 } } } })
    bring('lightgbm', { data: data.durations, gate: { metrics: { r2: { min: 0.3 } } } })
  },
)

const one = pipeline('import', { params: { model: uri } }, ({ params }) => {
  importModel({ from: params.model })
})

export default project({
  name: 'python',
  definitions: [late, speeds, durations, ...Object.values(endpoints), here, imports, one],
})
