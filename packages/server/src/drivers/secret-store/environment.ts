import { fail } from '@millrace/protocol'
import type { SecretStore } from '../../ports/secret-store.ts'

const namePattern = /^[A-Z][A-Z0-9_]*$/

/** Secrets out of an environment: the secret `S3_ACCESS_KEY_ID` is the variable `MILLRACE_SECRET_S3_ACCESS_KEY_ID`. */
export function createEnvironmentSecretStore(env: Readonly<Record<string, string | undefined>>): SecretStore {
  return {
    async get(name) {
      if (!namePattern.test(name)) {
        throw new TypeError(
          `A secret's name has only A-Z, 0-9 and _, and begins with a letter: got "${name}"`,
        )
      }
      const variable = `MILLRACE_SECRET_${name}`
      const value = env[variable]
      if (!value) throw fail('secret.not_found', { name, variable })
      return value
    },
  }
}
