import type { ColumnType, Schema, TrainingSetDefinition } from '@millrace/protocol'
import type { HasColumns, Row, Simplify } from './column.ts'
import type { Compilable } from './compilable.ts'
import type { Dataset } from './dataset.ts'
import type { FeatureService } from './feature-service.ts'
import { compileLabel, type Label } from './label.ts'
import { checkName } from './names.ts'
import type { NullableRow } from './on-demand.ts'
import type { Query } from './query.ts'
import { compileSpine, type Snapshots, usesOfSpine } from './snapshots.ts'
import { compileSplit, type MemberName, memberNames, type Split } from './split.ts'

/** Examples to learn from; `R` is the TypeScript type of one, `M` names the members that they are split into. */
export interface TrainingSet<R = unknown, M extends MemberName = MemberName> extends Compilable {
  readonly kind: 'training-set'
  readonly members: readonly M[]
  /** Only a type: no value is there. */
  readonly '~row'?: R
}

/** Names of the members that a split makes. */
type MembersOf<P> = Extract<keyof P, MemberName>

interface TrainingSetOptions<S extends Schema, Request, Features, P> {
  /** A dataset whose rows are the examples, a query over datasets, or snapshots of keys. */
  spine: (Dataset<S> & HasColumns<S, Request>) | (Query<S> & HasColumns<S, Request>) | Snapshots
  service: FeatureService<Request, Features>
  /** Columns of the spine that come along and are no features: an id, a weight, what to group by. */
  keep?: readonly (keyof NoInfer<S> & string)[]
  /** Divides the rows into members that steps take like training sets. */
  split?: P
  /**
   * What to do about signs that a feature knows what it should not: say so in the manifest (`warn`, the default) or
   * refuse the set. `allow` names columns that are known to be right.
   */
  leakage?: 'warn' | 'stop' | { action: 'warn' | 'stop'; allow: readonly string[] }
}

/** Examples of what is to be predicted: `L` is the row of the label, unknown if there is none. */
type ExampleRow<Request, Features, L> = Simplify<Row<Request> & NullableRow<Features> & L>

/**
 * Defines a training set: every row of the spine in a range of time, with the features of the service as they
 * were at its timestamp, and the label; without one for learners that need none (clusters, anomalies, recommendations).
 * @throws TypeError for a bad name, a spine without the columns that the service needs, or a label that is named
 * like a column of the set.
 */
export function trainingSet<
  S extends Schema,
  Request,
  Features,
  const N extends string,
  T extends ColumnType,
  const P extends Split = never,
>(
  name: string,
  options: TrainingSetOptions<S, Request, Features, P> & { label: Label<N, T> },
): TrainingSet<ExampleRow<Request, Features, Row<Record<N, T>>>, MembersOf<P>>
export function trainingSet<S extends Schema, Request, Features, const P extends Split = never>(
  name: string,
  options: TrainingSetOptions<S, Request, Features, P>,
): TrainingSet<ExampleRow<Request, Features, unknown>, MembersOf<P>>
export function trainingSet(
  name: string,
  options: TrainingSetOptions<Schema, Schema, Schema, Split> & { label?: Label },
): TrainingSet {
  const { spine, service, label, keep, split, leakage } = options
  const owner = `training set "${name}"`
  checkName('training set', name)
  checkSpine(owner, spine, service)
  if (label && (label.name in service.request || label.name in service.features))
    throw new TypeError(`${owner}: the label "${label.name}" is the name of a feature, too`)
  const windowMs = label?.window?.windowMs
  const parts = {
    ...(label && { label: compileLabel(label) }),
    ...(keep && keep.length > 0 && { keep: [...keep] }),
    ...(split && {
      split: compileSplit(split, { owner, ...(label && { label: { name: label.name, windowMs } }) }),
    }),
    ...(leakage && {
      leakage:
        typeof leakage === 'string'
          ? { action: leakage, allow: [] }
          : { action: leakage.action, allow: [...leakage.allow] },
    }),
  }
  return {
    kind: 'training-set',
    name,
    members: memberNames.filter((member) => split?.[member] !== undefined),
    uses: [...usesOfSpine(spine), service, ...(label?.uses ?? [])],
    functions: [],
    compile: (): TrainingSetDefinition => ({
      kind: 'training-set',
      name,
      spine: compileSpine(spine),
      service: service.name,
      ...parts,
    }),
  }
}

function checkSpine(
  owner: string,
  spine: Dataset | Query | Snapshots,
  service: FeatureService<Schema, Schema>,
): void {
  const columns = spine.kind === 'snapshots' ? spine.key : spine.columns
  const missing = Object.entries(service.request).filter(([column, type]) => columns[column] !== type)
  if (spine.kind !== 'snapshots') {
    for (const [column, type] of missing)
      throw new TypeError(`${owner}: ${spine.kind} "${spine.name}" has no ${type} column "${column}"`)
  } else if (missing.length !== 1 || missing[0]?.[1] !== 'timestamp') {
    // The one time is that of the snapshot.
    const wanted = Object.keys(service.request).join(', ')
    throw new TypeError(
      `${owner}: snapshots have a time and the key ${Object.keys(spine.key).join(', ')} only, the service needs ${wanted}`,
    )
  }
}

/** The TypeScript type of one row of a training set. Features may be missing. */
export type TrainingRowOf<S> = S extends TrainingSet<infer R> ? R : never
