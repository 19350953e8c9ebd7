import { Ajv } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'

const body = new Ajv({
  coerceTypes: false,
  useDefaults: true,
  removeAdditional: false,
  allErrors: false,
  strict: false,
})
const text = new Ajv({
  coerceTypes: true,
  useDefaults: true,
  removeAdditional: false,
  allErrors: false,
  strict: false,
})

/** Bodies are taken as they are typed; query, path and header values are text and are converted first. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? body : text).compile(withSafeIntegers(schema))

/** Beyond 2^53 a number is no longer the one that was sent, and no store has a column for it. */
function withSafeIntegers(schema: TSchema): TSchema {
  const bounds = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    value?.type === 'integer' ? { ...bounds, ...value } : value,
  )
}
