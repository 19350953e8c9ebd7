import { monitor, project } from 'millrace'
import * as definitions from './definitions.ts'
import { lateness } from './definitions.ts'
import { daily, training } from './pipelines.ts'

/** The monitor of `npm run demo -- --quick`: makes up its mind after days, and retrains on a month. */
const quick = monitor(daily.name, {
  endpoint: lateness,
  window: '1d',
  calibration: { alpha: 0.01, minEffect: 0.02, windows: 3, minLabels: 500 },
  retrain: {
    pipeline: training,
    cooldown: '14d',
    alerts: 2,
    ofWindows: 3,
    maxFailures: 2,
    params: { trainFrom: '-38d', trainUntil: '-8d', gateFrom: '-8d', gateUntil: '-1d' },
  },
})

export default project({ name: 'flights', definitions: [...Object.values(definitions), training, quick] })
