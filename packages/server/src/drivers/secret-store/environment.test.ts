import { describe, expect, it } from 'vitest'
import { createEnvironmentSecretStore } from './environment.ts'

describe('environment secret store', () => {
  const secrets = createEnvironmentSecretStore({
    MILLRACE_SECRET_KEY: 'value',
    MILLRACE_SECRET_EMPTY: '',
    KEY: 'no',
  })

  it('reads only variables that are meant as secrets', async () => {
    expect(await secrets.get('KEY')).toBe('value')
    await expect(secrets.get('PATH')).rejects.toMatchObject({ code: 'secret.not_found' })
  })

  it('names the variable of a secret that is missing or empty', async () => {
    await expect(secrets.get('EMPTY')).rejects.toMatchObject({
      code: 'secret.not_found',
      message: expect.stringContaining('MILLRACE_SECRET_EMPTY'),
    })
  })

  it('refuses names that are no variable names', async () => {
    await expect(secrets.get('key')).rejects.toThrow(TypeError)
    await expect(secrets.get('')).rejects.toThrow(TypeError)
  })
})
