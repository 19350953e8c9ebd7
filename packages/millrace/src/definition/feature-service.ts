import type { FeatureServiceDefinition, Schema } from '@millrace/protocol'
import { type Columns, type SchemaOf, type Simplify, schemaOf } from './column.ts'
import type { Compilable } from './compilable.ts'
import { compileDescribed, type Described } from './described.ts'
import { compileFeatureOptions } from './feature-options.ts'
import type { FeatureView } from './feature-view.ts'
import { checkColumnNames, checkName } from './names.ts'
import type { OnDemandView } from './on-demand.ts'

type View = FeatureView | OnDemandView

type KeysOf<V extends readonly unknown[]> = V extends readonly [infer Head, ...infer Rest]
  ? (Head extends { kind: 'feature-view'; key: infer K } ? K : unknown) & KeysOf<Rest>
  : unknown
type FeaturesOf<V extends readonly unknown[]> = V extends readonly [infer Head, ...infer Rest]
  ? (Head extends { features: infer F } ? F : unknown) & FeaturesOf<Rest>
  : unknown
type InputsOf<V extends readonly unknown[]> = V extends readonly [infer Head, ...infer Rest]
  ? (Head extends { kind: 'on-demand-view'; input: infer I } ? I : unknown) & InputsOf<Rest>
  : unknown

/** What a caller sends for one row: the time, the keys, the request features, and inputs that no view provides. */
type RequestColumns<V extends readonly unknown[], Q extends Columns, T extends string> = Simplify<
  Record<T, 'timestamp'> & KeysOf<V> & SchemaOf<Q> & Omit<InputsOf<V>, keyof FeaturesOf<V>>
>

/** The features that one model uses. `Request`: columns of a request; `Features`: the columns that views add. */
export interface FeatureService<Request = unknown, Features = unknown> extends Compilable {
  readonly kind: 'feature-service'
  /** Columns of a request, name -> type. */
  readonly request: Request
  /** Columns that the views add, name -> type. */
  readonly features: Features
}

interface FeatureServiceOptions<Q extends Columns, T extends string> extends Described {
  /**
   * Features that arrive with the request (columns of the spine when training). A request with a value outside of its
   * range is refused unless `outside` says otherwise.
   */
  request?: Q
  /** Request column that carries the event time. */
  timestamp: T
  /** Share of the keys, 0 to 1, whose online reads are logged, to be compared with training. Default: 0. */
  logReads?: number
}

/**
 * Puts views and request features together.
 * @throws TypeError for a bad name, a feature that comes from two places, an input whose type does not fit, or a share that is none.
 */
export function featureService<
  const V extends readonly View[],
  T extends string,
  Q extends Columns = Record<never, never>,
>(
  name: string,
  views: V,
  options: FeatureServiceOptions<Q, T>,
): FeatureService<RequestColumns<V, Q, T>, Simplify<FeaturesOf<V>>> {
  const owner = `feature service "${name}"`
  checkName('feature service', name)
  const requestFeatures = schemaOf(options.request ?? ({} as Q))
  checkColumnNames(owner, [options.timestamp, ...Object.keys(requestFeatures)])
  const { logReads = 0 } = options
  if (typeof logReads !== 'number' || !(logReads >= 0 && logReads <= 1))
    throw new TypeError(`${owner}: logReads must be a share from 0 to 1, got ${logReads}`)
  const described = compileDescribed(owner, options)
  const featureOptions = compileFeatureOptions(owner, options.request ?? {}, 'refuse')
  const views_ = views as readonly View[]
  const features = collectFeatures(owner, views_, requestFeatures)
  const request = collectRequest(owner, views_, {
    features,
    start: { [options.timestamp]: 'timestamp', ...requestFeatures },
  })
  return {
    kind: 'feature-service',
    name,
    request: request as RequestColumns<V, Q, T>,
    features: features as Simplify<FeaturesOf<V>>,
    uses: views_,
    functions: [],
    compile: (): FeatureServiceDefinition => ({
      kind: 'feature-service',
      name,
      ...described,
      featureViews: views_.filter((view) => view.kind === 'feature-view').map((view) => view.name),
      onDemandViews: views_.filter((view) => view.kind === 'on-demand-view').map((view) => view.name),
      request: requestFeatures,
      timestamp: options.timestamp,
      ...(options.logReads !== undefined && { logReads: options.logReads }),
      ...featureOptions,
    }),
  }
}

function collectFeatures(owner: string, views: readonly View[], request: Schema): Schema {
  const features: Schema = {}
  const from = new Map(Object.keys(request).map((feature) => [feature, 'the request']))
  for (const view of views) {
    for (const [feature, type] of Object.entries(view.features)) {
      const other = from.get(feature)
      if (other) throw new TypeError(`${owner}: "${feature}" comes from both ${other} and "${view.name}"`)
      from.set(feature, `"${view.name}"`)
      features[feature] = type
    }
  }
  return features
}

function collectRequest(
  owner: string,
  views: readonly View[],
  known: { features: Schema; start: Schema },
): Schema {
  const request = known.start
  for (const view of views) {
    const needed: Schema = view.kind === 'feature-view' ? view.key : view.input
    for (const [column, type] of Object.entries(needed)) {
      const provided = (view.kind === 'on-demand-view' && known.features[column]) || request[column]
      if (provided && provided !== type)
        throw new TypeError(`${owner}: "${view.name}" needs "${column}" as ${type}, but it is ${provided}`)
      if (!provided) request[column] = type
    }
  }
  return request
}
