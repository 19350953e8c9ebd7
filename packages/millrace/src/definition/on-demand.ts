import type { OnDemandViewDefinition, Schema } from '@millrace/protocol'
import { type Columns, checkPlain, type Row, type SchemaOf, schemaOf } from './column.ts'
import { type Compilable, requireBundle } from './compilable.ts'
import { compileDescribed, type Described } from './described.ts'
import { compileFeatureOptions } from './feature-options.ts'
import { checkColumnNames, checkName } from './names.ts'

/** Features computed by a function from other columns of the row. */
export interface OnDemandView<I extends Schema = Schema, F extends Schema = Schema> extends Compilable {
  readonly kind: 'on-demand-view'
  readonly input: I
  readonly features: F
}

/** A row in which every value may be missing. */
export type NullableRow<S> = { [K in keyof Row<S>]: Row<S>[K] | null }

/**
 * Defines features by a pure function, written once and run by training and by serving. Inputs come from the
 * request or from feature views. If one is missing, the function is not called and its features are missing, too;
 * return null where a value cannot be computed.
 * @throws TypeError for a bad name.
 */
export function onDemand<I extends Columns, F extends Columns>(
  name: string,
  options: {
    input: I
    features: F
    compute: (row: Row<SchemaOf<I>>) => NullableRow<SchemaOf<F>>
  } & Described,
): OnDemandView<SchemaOf<I>, SchemaOf<F>> {
  const owner = `on-demand view "${name}"`
  checkName('on-demand view', name)
  const [input, features] = [schemaOf(options.input), schemaOf(options.features)]
  checkColumnNames(owner, [...Object.keys(input), ...Object.keys(features)])
  checkPlain(owner, options.input)
  const described = compileDescribed(owner, options)
  const featureOptions = compileFeatureOptions(owner, options.features)
  return {
    kind: 'on-demand-view',
    name,
    input,
    features,
    uses: [],
    functions: [{ kind: 'on-demand-view', name, run: options.compute, source: options.compute }],
    compile: (context): OnDemandViewDefinition => ({
      kind: 'on-demand-view',
      name,
      ...described,
      input,
      features,
      ...featureOptions,
      code: { bundle: requireBundle(owner, context) },
    }),
  }
}
