import type { MonitorDefinition } from '@millrace/protocol'
import { offsetsOf, type ParamSpecs, type Pipeline, type TimeParams } from '../pipeline/pipeline.ts'
import type { Compilable } from './compilable.ts'
import { type Duration, parseDuration } from './duration.ts'
import type { Endpoint } from './endpoint.ts'
import { checkName } from './names.ts'

type Retrain<P extends ParamSpecs> = {
  pipeline: Pipeline<P>
  /** No second retraining before this much event time has passed. */
  cooldown: Duration
  /** Alerts in this many of the last `ofWindows` windows start it. */
  alerts: number
  ofWindows: number
  /** Stop after this many retrainings in a row that were not promoted. */
  maxFailures: number
  /** The pipeline's times, as offsets from the end of the window that decided: `{ until: '0d', from: '-90d' }`. */
  params: TimeParams<P>
}

interface MonitorOptions<P extends ParamSpecs> {
  endpoint: Endpoint
  /** Length of the tumbling windows of event time. */
  window: Duration
  /** Over the last `windows` windows. Default: alpha 0.01, minEffect 0.1 (Jensen–Shannon distance), minRows 200, windows 7. */
  drift?: Partial<MonitorDefinition['drift']>
  /** Default: alpha 0.01, minEffect 0.02 (difference of rates), windows 7, minLabels 500. */
  calibration?: Partial<MonitorDefinition['calibration']>
  retrain?: Retrain<P>
}

/** Watches the predictions of an endpoint and may start a pipeline. */
export interface Monitor extends Compilable {
  readonly kind: 'monitor'
}

/**
 * Defines a monitor.
 * @throws TypeError for a bad name or duration, or a pipeline with a parameter that would have no value.
 */
export function monitor<P extends ParamSpecs = ParamSpecs>(
  name: string,
  options: MonitorOptions<P>,
): Monitor {
  const owner = `monitor "${name}"`
  checkName('monitor', name)
  const definition: MonitorDefinition = {
    kind: 'monitor',
    name,
    endpoint: options.endpoint.name,
    windowMs: parseDuration(options.window, `${owner}: window`),
    drift: { alpha: 0.01, minEffect: 0.1, minRows: 200, windows: 7, ...options.drift },
    calibration: { alpha: 0.01, minEffect: 0.02, windows: 7, minLabels: 500, ...options.calibration },
    retrain: options.retrain ? toWire(`${owner}: retrain`, options.retrain) : null,
  }
  return {
    kind: 'monitor',
    name,
    uses: options.retrain ? [options.endpoint, options.retrain.pipeline] : [options.endpoint],
    functions: [],
    compile: () => definition,
  }
}

function toWire<P extends ParamSpecs>(owner: string, retrain: Retrain<P>): MonitorDefinition['retrain'] {
  const { pipeline, alerts, ofWindows, maxFailures } = retrain
  if (alerts > ofWindows)
    throw new TypeError(`${owner}: alerts (${alerts}) is above ofWindows (${ofWindows})`)
  const params = offsetsOf(`${owner}: pipeline "${pipeline.name}"`, pipeline.params, retrain.params)
  return {
    pipeline: pipeline.name,
    cooldownMs: parseDuration(retrain.cooldown, `${owner}: cooldown`),
    alerts,
    ofWindows,
    maxFailures,
    params,
  }
}
