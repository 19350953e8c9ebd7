import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { onlineStoreContract } from '../../ports/testing/online-store.contract.ts'
import { startWriter } from '../testing/crash.ts'
import { createRedisOnlineStore } from './redis.ts'

const url = process.env.MILLRACE_TEST_REDIS_URL ?? ''
const password = process.env.MILLRACE_TEST_REDIS_PASSWORD
if (url === '') throw new Error('MILLRACE_TEST_REDIS_URL is not set: run npm run test:services')

/** Writes pairs of rows for ever; tells each time after its write. */
const writer = `
import { createRedisOnlineStore } from './redis.ts'
const store = await createRedisOnlineStore(JSON.parse(process.argv[1]))
for (let i = 1; ; i++) {
  await store.write('t', ['a', 'b'].map((key) => ({ key, eventTime: i, values: [i] })))
  console.log(i)
}
`

onlineStoreContract((dir) => createRedisOnlineStore({ url, password, prefix: `${basename(dir)}:` }))

describe('redis online store', () => {
  test('a server that is not there is told at once', async () => {
    await expect(createRedisOnlineStore({ url: 'redis://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'storage.unavailable',
      retryable: true,
    })
  })

  test('a wrong password is told', async () => {
    await expect(createRedisOnlineStore({ url, password: 'wrong' })).rejects.toMatchObject({
      code: 'storage.unavailable',
    })
  })

  test('what was written is there after the writer was killed', async () => {
    const prefix = `${randomUUID()}:`
    const child = startWriter(writer, import.meta.url, [JSON.stringify({ url, password, prefix })])
    await child.written(50)
    const told = Number((await child.kill()).at(-1))
    const store = await createRedisOnlineStore({ url, password, prefix })
    const [[a, b]] = await store.read([{ table: 't', keys: ['a', 'b'] }])
    expect(a?.eventTime).toBeGreaterThanOrEqual(told)
    // Both rows of a write, or none.
    expect(b).toEqual(a)
    await store.drop('t')
    await store.close()
  })

  test('a lost connection fails what is asked then, and is made again', async () => {
    const target = new URL(url)
    const sockets: Socket[] = []
    const proxy = createServer((inbound) => {
      const outbound = connect(Number(target.port), target.hostname)
      sockets.push(inbound, outbound)
      inbound.on('error', () => outbound.destroy())
      outbound.on('error', () => inbound.destroy())
      inbound.pipe(outbound).pipe(inbound)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const { port } = proxy.address() as AddressInfo
    const store = await createRedisOnlineStore({
      url: `redis://127.0.0.1:${port}`,
      password,
      prefix: `${randomUUID()}:`,
    })
    await store.write('t', [{ key: 'k', eventTime: 1, values: [1] }])
    for (const socket of sockets) socket.destroy()
    await expect(store.read([{ table: 't', keys: ['k'] }])).rejects.toMatchObject({
      code: 'storage.unavailable',
    })
    await expect
      .poll(() => store.read([{ table: 't', keys: ['k'] }]).catch(() => undefined))
      .toEqual([[{ eventTime: 1, values: [1] }]])
    await store.drop('t')
    await store.close()
    proxy.close()
    for (const socket of sockets) socket.destroy()
  })
})
