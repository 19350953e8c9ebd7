import { Readable } from 'node:stream'
import { fail } from '@millrace/protocol'
import { Ajv, type ValidateFunction } from 'ajv'
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify'
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

/**
 * Bodies are taken as they are typed; query, path and header values are text and are converted first. A schema is compiled
 * by the first request that needs it: all of them together would be a fifth of a server's start.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let compiled: ValidateFunction | undefined
  function validate(value: unknown): boolean {
    compiled ??= (httpPart === 'body' ? body : text).compile(withSafeIntegers(schema))
    const valid = compiled(value)
    validate.errors = compiled.errors
    return valid
  }
  validate.errors = undefined as ValidateFunction['errors']
  return validate
}

/** Beyond 2^53 a number is no longer the one that was sent, and no store has a column for it. */
function withSafeIntegers(schema: TSchema): TSchema {
  const bounds = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
  return JSON.parse(JSON.stringify(schema), (_key, value) =>
    value?.type === 'integer' ? { ...bounds, ...value } : value,
  )
}

const deepest = 100
/** A body of fewer bytes may be nested deeper, but nothing that goes through it runs out of stack. */
const smallest = 2000

/** A hook that refuses bodies nested so deep that walking through them could end the stack. @throws `request.invalid` */
export async function refuseDeepBodies(request: FastifyRequest): Promise<void> {
  // Taken as it comes, by routes that do not look into it.
  if (request.body instanceof Readable) return
  const bytes = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY)
  if (bytes > smallest) checkDepth(request.body)
}

/** @throws `request.invalid` for a value of JSON that is nested so deep that walking through it could end the stack */
export function checkDepth(value: unknown): void {
  if (!isDeeper(value, deepest)) return
  throw fail('request.invalid', { reason: `the body is nested deeper than ${deepest} levels` })
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  const inner = Array.isArray(value) ? value : Object.values(value)
  return inner.some((part) => isDeeper(part, levels - 1))
}
