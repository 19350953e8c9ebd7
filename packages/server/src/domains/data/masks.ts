import { type DatasetDefinition, fail } from '@millrace/protocol'
import { sha256 } from '../../kernel/hash.ts'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { SecretStore } from '../../ports/secret-store.ts'

/** The secret that hashes of personal data are salted with. */
const saltSecret = 'PII_SALT'

const redacted = '[redacted]'

/**
 * A relation with its personal data masked as the definition says: `hash` = SHA-256 with a salt, so that equal values
 * stay equal and nobody without the salt can try values; `redact` = no value, a text says that there was one.
 * @throws `secret.not_found` if a hash has no salt
 */
export async function maskedRelation(
  { pii = {} }: Pick<DatasetDefinition, 'pii'>,
  relation: string,
  secrets: SecretStore,
): Promise<string> {
  const masked = Object.entries(pii).filter(([, { mask }]) => mask !== 'keep')
  if (masked.length === 0) return relation
  // What is in statements may be in messages of the engine: the secret itself is not.
  const key = usesHash(pii) ? await keyOf(secrets) : ''
  const columns = masked.map(([name, { mask }]) => {
    const column = quoteName(name)
    if (mask === 'redact')
      return `CASE WHEN ${column} IS NOT NULL THEN ${quoteText(redacted)} END AS ${column}`
    const inner = `sha256(${quoteText(key)} || ${column})`
    return `sha256(${quoteText(key)} || ${inner}) AS ${column}`
  })
  return `(SELECT * REPLACE (${columns.join(', ')}) FROM ${relation})`
}

/** Whether some values must not be shown as they were read. */
export function hidesValues({ pii = {} }: Pick<DatasetDefinition, 'pii'>): boolean {
  return Object.values(pii).some(({ mask }) => mask !== 'keep')
}

/**
 * Tells one salt from another and says nothing else about it; undefined where nothing is hashed.
 * @throws `secret.not_found`
 */
export async function fingerprintOfSalt(
  { pii = {} }: Pick<DatasetDefinition, 'pii'>,
  secrets: SecretStore,
): Promise<string | undefined> {
  return usesHash(pii) ? sha256(`fingerprint\n${await keyOf(secrets)}`).slice(0, 16) : undefined
}

function usesHash(pii: NonNullable<DatasetDefinition['pii']>): boolean {
  return Object.values(pii).some(({ mask }) => mask === 'hash')
}

async function keyOf(secrets: SecretStore): Promise<string> {
  return sha256(`pii\n${await secrets.get(saltSecret)}`)
}

/** @throws `definition.invalid` for a mask that its column cannot have */
export function checkMasks({ name, schema, pii = {}, timestamp, watermark }: DatasetDefinition): void {
  for (const [column, { mask }] of Object.entries(pii)) {
    const refuse = (reason: string) => fail('definition.invalid', { kind: 'dataset', name, reason })
    if (!Object.hasOwn(schema, column))
      throw refuse(`pii names the column "${column}", which the schema does not have`)
    if (mask === 'keep') continue
    if (schema[column] !== 'string')
      throw refuse(
        `the column "${column}" is ${schema[column]}: only texts can be masked, leave it out of the schema`,
      )
    if (column === timestamp || column === watermark)
      throw refuse(`the column "${column}" cannot be masked, its values order the rows`)
  }
}
