import { describe, expect, it } from 'vitest'
import { checkWebhookUrl, isPrivate, resolveHost } from './address.ts'

const strict = { allowHttp: false, allowPrivate: false }

describe('isPrivate', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '2002:a00:1::',
    '2001:db8::1',
  ])('holds for %s', (address) => expect(isPrivate(address)).toBe(true))
  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1', '2a00:1450::1'])(
    'does not hold for %s',
    (address) => expect(isPrivate(address)).toBe(false),
  )
})

describe('checkWebhookUrl', () => {
  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'https://user:word@example.com/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'example.com',
    `https://example.com/${'x'.repeat(2048)}`,
  ])('refuses %s', (url) => {
    expect(() => checkWebhookUrl(url, strict)).toThrow(expect.objectContaining({ code: 'webhook.invalid' }))
  })
  it('accepts https, and what the policy allows', () => {
    expect(checkWebhookUrl('https://example.com:8443/a?b', strict).port).toBe('8443')
    const open = { allowHttp: true, allowPrivate: true }
    expect(checkWebhookUrl('http://localhost:1/', open).hostname).toBe('localhost')
    expect(checkWebhookUrl('http://[::1]:1/', open).hostname).toBe('[::1]')
  })
})

describe('resolveHost', () => {
  it('refuses a name that has an address inside, even as one of several', async () => {
    const resolve = async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]
    await expect(resolveHost('example.com', strict, resolve)).rejects.toThrow(/10\.0\.0\.1/)
    await expect(
      resolveHost('example.com', { ...strict, allowPrivate: true }, resolve),
    ).resolves.toHaveLength(2)
    await expect(resolveHost('example.com', strict, async () => [])).rejects.toThrow(/no address/)
  })
})
