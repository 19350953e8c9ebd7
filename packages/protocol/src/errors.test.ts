import { describe, expect, it } from 'vitest'
import { errorCatalogue } from './errors.ts'
import { fail, isPlatformError } from './platform-error.ts'

describe('the error catalogue', () => {
  it('has sensible statuses and messages that end as sentences', () => {
    for (const [code, [status, message]] of Object.entries(errorCatalogue)) {
      expect(code).toMatch(/^[a-z_-]+\.[a-z_]+$/)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(600)
      expect(message.length, code).toBeGreaterThan(10)
    }
  })

  it('fills the message from the details and keeps what is unknown visible', () => {
    const error = fail('object.not_found', { key: 'a/b' })
    expect(error.message).toBe('Object "a/b" does not exist.')
    expect(fail('object.not_found').message).toContain('{key}')
    expect(error.toBody()).toEqual({
      error_code: 'object.not_found',
      message: error.message,
      details: { key: 'a/b' },
    })
  })

  it('is recognised by its brand', () => {
    expect(isPlatformError(fail('auth.missing'))).toBe(true)
    expect(isPlatformError(new Error('no'))).toBe(false)
    expect(isPlatformError(null)).toBe(false)
  })
})
