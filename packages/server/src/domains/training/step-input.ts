import { fail } from '@millrace/protocol'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

const Digest = Type.String({ pattern: '^[a-f0-9]{64}$' })

export const TrainingSetInput = Type.Object({ digest: Digest })
export const ModelInput = Type.Object({ digest: Digest, runId: Type.String({ minLength: 1 }) })
export const EvaluationInput = Type.Object({ digest: Digest })
export const Text = Type.String({ minLength: 1, maxLength: 500 })

/** As {@link readInput}, undefined for an input that was left out. */
export function readOptional<T extends TSchema>(
  input: string,
  schema: T,
  value: unknown,
): Static<T> | undefined {
  return value === undefined || value === null ? undefined : readInput(input, schema, value)
}

/**
 * A step's input as the schema says.
 * @throws `step.input_invalid` naming the place, the value and what is accepted
 */
export function readInput<T extends TSchema>(input: string, schema: T, value: unknown): Static<T> {
  if (Value.Check(schema, value)) return value as Static<T>
  const first = Value.Errors(schema, value).at(0)
  const place = first?.instancePath.replaceAll('/', '.') ?? ''
  const found = Value.Pointer.Get(value, first?.instancePath ?? '')
  throw fail('step.input_invalid', {
    input: `${input}${place}`,
    // A schema of false stands where a property is that nobody knows.
    reason: `${first?.keyword === 'boolean' ? 'it is not known' : (first?.message ?? 'it has another shape')}, got ${(JSON.stringify(found) ?? 'nothing').slice(0, 100)}`,
  })
}
