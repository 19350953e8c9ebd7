import { describe, expect, it } from 'vitest'
import { createClient } from './client.ts'

/** A client of a server that answers the same to all, and what was sent to it. */
function recording(answer: () => Response) {
  const sent: { method: string; url: string; headers: Headers; body: string }[] = []
  const client = createClient({
    url: 'http://server',
    delay: async () => {},
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const body = await request.text()
      sent.push({ method: request.method, url: request.url, headers: request.headers, body })
      return answer()
    },
  })
  return { client, sent }
}

describe('artifacts', () => {
  it('are sent as they are, and named by their segments', async () => {
    const { client, sent } = recording(() => Response.json({ path: 'a', size: 1, digest: 'd', createdAt: 1 }))
    const stream = new Blob(['{"stream"']).stream()
    for (const content of ['{"text"', new TextEncoder().encode('{"bytes"'), new Blob(['{"blob"']), stream]) {
      await client.artifacts.put('r/1', 'plots/my plot#1.svg', content)
    }
    expect(sent.map(({ body }) => body)).toEqual(['{"text"', '{"bytes"', '{"blob"', '{"stream"'])
    for (const { method, url, headers } of sent) {
      expect([method, url]).toEqual(['PUT', 'http://server/v1/runs/r%2F1/artifacts/plots/my%20plot%231.svg'])
      expect(headers.get('content-type')).toBe('application/octet-stream')
    }
  })

  it('are sent again after a failure, but for streams', async () => {
    const { client, sent } = recording(() => new Response('busy', { status: 503 }))
    await expect(client.artifacts.put('r', 'a', 'text')).rejects.toThrow()
    expect(sent).toHaveLength(4)
    await expect(client.artifacts.put('r', 'a', new Blob(['x']).stream())).rejects.toThrow()
    expect(sent).toHaveLength(5)
  })

  it('are listed by folder, opened by range and deleted', async () => {
    const { client, sent } = recording(() => Response.json({ items: [], files: 0, bytes: 0 }))
    await client.artifacts.list('r', { folder: '', limit: 5 })
    await client.artifacts.open('r', 'a', { start: 2, end: 5 })
    await client.artifacts.open('r', 'a', { start: 2 })
    await client.artifacts.open('r', 'a')
    await client.artifacts.delete('r', 'folder')
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET http://server/v1/runs/r/artifacts?folder=&limit=5',
      ...Array(3).fill('GET http://server/v1/runs/r/artifacts/a'),
      'DELETE http://server/v1/runs/r/artifacts/folder',
    ])
    expect(sent.slice(1, 4).map(({ headers }) => headers.get('range'))).toEqual([
      'bytes=2-4',
      'bytes=2-',
      null,
    ])
  })
})
