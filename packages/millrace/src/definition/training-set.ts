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

/**
 * Defines a training set: every row of the spine in a range of time, with the features of the service as they
 * were at its timestamp, and the label.
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
  options: {
    spine: Dataset<S> & HasColumns<S, Request>
    service: FeatureService<Request, Features>
    label: Label<N, T>
  },
): TrainingSet<Simplify<Row<Request> & NullableRow<Features> & Row<Record<N, T>>>> {
  const { spine, service, label } = options
  const owner = `training set "${name}"`
  checkName('training set', name)
  const request = service.request as Schema
  for (const [column, type] of Object.entries(request)) {
    if (spine.columns[column] !== type)
      throw new TypeError(`${owner}: dataset "${spine.name}" has no ${type} column "${column}"`)
  }
  if (label.name in request || label.name in (service.features as Schema))
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
      label: { name: label.name, type: label.type, sql: label.sql },
    }),
  }
}

/** The TypeScript type of one row of a training set. Features may be missing. */
export type TrainingRowOf<S> = S extends TrainingSet<infer R> ? R : never
