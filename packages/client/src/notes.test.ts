import { expect, it } from 'vitest'
import { createClient } from './client.ts'

it('notes are asked for below what they are about', async () => {
  const asked: unknown[] = []
  const answer = async (url: unknown, init: RequestInit = {}) => {
    asked.push([init.method, String(url), init.body ? JSON.parse(String(init.body)) : undefined])
    return Response.json({ text: '', version: 0, edited: null })
  }
  const { notes } = createClient({ url: 'http://server', fetch: answer as typeof fetch })
  await notes.get({ experiment: '1' })
  await notes.write({ run: 'r' }, { text: 'x', expected: 2 })
  await notes.versions({ model: 'a b' }, { limit: 5 })
  await notes.get({ model: 'a b', version: 3 })
  expect(asked).toEqual([
    ['GET', 'http://server/v1/experiments/1/note', undefined],
    ['PUT', 'http://server/v1/runs/r/note', { text: 'x', expected: 2 }],
    ['GET', 'http://server/v1/models/a%20b/note/versions?limit=5', undefined],
    ['GET', 'http://server/v1/models/a%20b/versions/3/note', undefined],
  ])
})
