import type { ColumnType, Schema, TrainingSetDefinition } from '@millrace/protocol'
import type { ColumnSpec, HasColumns, Row, Simplify } from './column.ts'
import type { Compilable } from './compilable.ts'
import type { Dataset } from './dataset.ts'
import type { FeatureService } from './feature-service.ts'
import { checkColumnNames, checkName } from './names.ts'
import type { NullableRow } from './on-demand.ts'

/** What a model learns to predict. */
export interface Label<N extends string = string, T extends ColumnType = ColumnType> {
  readonly name: N
  readonly type: T
  readonly sql: string
}

/** The label as a SQL scalar expression over the spine: `label('late', t.boolean(), 'delay > 15')`. */
export function label<N extends string, T extends ColumnType>(
  name: N,
  spec: ColumnSpec<T>,
  expression: string,
): Label<N, T> {
  checkColumnNames(`label "${name}"`, [name])
  return { name, type: spec.type, sql: expression }
}

/** Examples to learn from; `R` is the TypeScript type of one. */
export interface TrainingSet<R = unknown> extends Compilable {
  readonly kind: 'training-set'
  /** Only a type: no value is there. */
  readonly '~row'?: R
}

interface TrainingSetOptions<S extends Schema, Request, Features> {
  spine: Dataset<S> & HasColumns<S, Request>
  service: FeatureService<Request, Features>
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
>(
  name: string,
  options: TrainingSetOptions<S, Request, Features> & { label: Label<N, T> },
): TrainingSet<ExampleRow<Request, Features, Row<Record<N, T>>>>
export function trainingSet<S extends Schema, Request, Features>(
  name: string,
  options: TrainingSetOptions<S, Request, Features>,
): TrainingSet<ExampleRow<Request, Features, unknown>>
export function trainingSet(
  name: string,
  options: TrainingSetOptions<Schema, Schema, Schema> & { label?: Label },
): TrainingSet {
  const { spine, service, label } = options
  const owner = `training set "${name}"`
  checkName('training set', name)
  for (const [column, type] of Object.entries(service.request)) {
    if (spine.columns[column] !== type)
      throw new TypeError(`${owner}: dataset "${spine.name}" has no ${type} column "${column}"`)
  }
  if (label && (label.name in service.request || label.name in service.features))
    throw new TypeError(`${owner}: the label "${label.name}" is the name of a feature, too`)
  return {
    kind: 'training-set',
    name,
    uses: [spine, service],
    functions: [],
    compile: (): TrainingSetDefinition => ({
      kind: 'training-set',
      name,
      spine: spine.name,
      service: service.name,
      ...(label && { label: { name: label.name, type: label.type, sql: label.sql } }),
    }),
  }
}

/** The TypeScript type of one row of a training set. Features may be missing. */
export type TrainingRowOf<S> = S extends TrainingSet<infer R> ? R : never
