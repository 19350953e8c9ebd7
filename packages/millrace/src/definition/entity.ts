import type { EntityDefinition, Schema } from '@millrace/protocol'
import { type Columns, checkPlain, type SchemaOf, schemaOf } from './column.ts'
import type { Compilable } from './compilable.ts'
import { compileDescribed, type Described } from './described.ts'
import { checkColumnNames, checkName } from './names.ts'

/** What features are about: an airport, a customer. `K` has the columns that identify one. */
export interface Entity<K extends Schema = Schema> extends Compilable {
  readonly kind: 'entity'
  readonly key: K
}

/**
 * Defines an entity by its key columns.
 * @throws TypeError for a bad name or an empty key.
 */
export function entity<C extends Columns>(
  name: string,
  options: { key: C } & Described,
): Entity<SchemaOf<C>> {
  checkName('entity', name)
  const key = schemaOf(options.key)
  const described = compileDescribed(`entity "${name}"`, options)
  checkPlain(`entity "${name}"`, options.key)
  const columns = Object.keys(key)
  if (columns.length === 0) throw new TypeError(`entity "${name}": the key needs at least one column`)
  checkColumnNames(`entity "${name}"`, columns)
  return {
    kind: 'entity',
    name,
    key,
    uses: [],
    functions: [],
    compile: (): EntityDefinition => ({ kind: 'entity', name, ...described, key }),
  }
}
