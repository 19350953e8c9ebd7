import { Type } from 'typebox'

/** Names of definitions: what a path segment, a metric label and a shell argument can carry unquoted. */
export const Name = Type.String({ pattern: '^[a-zA-Z][a-zA-Z0-9_-]{0,127}$' })
export const ColumnName = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' })
/** SQL, paths and the like. */
export const Text = Type.String({ minLength: 1, maxLength: 10_000 })
