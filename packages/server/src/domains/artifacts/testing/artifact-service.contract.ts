import { setTimeout as later } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../kernel/hash.ts'
import { trackingMigration } from '../../../migrations/0004-tracking.ts'
import { artifactsMigration } from '../../../migrations/0011-artifacts.ts'
import type { ObjectStore } from '../../../ports/object-store.ts'
import { createTemporaryStores } from '../../../testing/temporary-stores.ts'
import { artifactKey } from '../artifact-path.ts'
import { type ArtifactService, createArtifactService } from '../index.ts'
import type { ArtifactTables } from '../store.ts'

const text = (value: string) => new TextEncoder().encode(value)

async function* stream(...parts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await later(0)
    if (part instanceof Error) throw part
    yield text(part)
  }
}

async function read(service: ArtifactService, path: string, range?: { start: number; end?: number }) {
  const parts: Uint8Array[] = []
  for await (const chunk of (await service.get(path, { range })).body) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

/** What the service does over every object store; without `open` over the one of a temporary folder. */
export function artifactServiceContract(name: string, open?: () => ObjectStore): void {
  describe(`artifact service over ${name}`, () => {
    let stores: Awaited<ReturnType<typeof createTemporaryStores>>
    let objects: ObjectStore
    let service: ArtifactService
    beforeEach(async () => {
      stores = await createTemporaryStores([trackingMigration, artifactsMigration])
      objects = open?.() ?? stores.objects
      service = createArtifactService({ ...stores, objects })
    })
    afterEach(() => stores.close())
    const tables = () => stores.db.tables<ArtifactTables>()
    const objectKeys = async () => (await objects.list('')).objects.map(({ key }) => key)
    const writes = () => tables().selectFrom('artifact_writes').selectAll().execute()
    const paths = async (folder: string, page?: { after?: string; limit?: number }) =>
      (await service.list(folder, page)).items.map(({ kind, path }) =>
        kind === 'folder' ? `${path}/` : path,
      )

    describe('files', () => {
      it('gives back what was put, under its plain path', async () => {
        const put = await service.put('1/run/artifacts/model/MLmodel', stream('flavors', ': {}'))
        const expected = { path: '1/run/artifacts/model/MLmodel', digest: sha256('flavors: {}'), size: 11 }
        expect(put).toMatchObject(expected)
        expect(await service.find(put.path)).toEqual(put)
        expect(await read(service, put.path)).toBe('flavors: {}')
        expect(await objectKeys()).toEqual(['artifacts/1/run/artifacts/model/MLmodel'])
        expect(await writes()).toEqual([])
      })

      it('takes empty files and unusual names', async () => {
        for (const path of ['1/空 100%/ü=.txt', '1/a\'b"c*?<>|~.txt', '1/50%25.txt', '1/😀']) {
          await service.put(path, text(''))
          expect(await service.find(path)).toMatchObject({ path, size: 0, digest: sha256('') })
          expect(await read(service, path)).toBe('')
        }
        expect(await paths('1/空 100%')).toEqual(['1/空 100%/ü=.txt'])
      })

      it('replaces a file whole, and lets the same bytes be', async () => {
        const first = await service.put('a/b', text('old and long'))
        stores.clock.advance(1000)
        expect(await service.put('a/b', stream('old and', ' long'))).toEqual(first)
        await service.put('a/b', text('new'))
        expect(await read(service, 'a/b')).toBe('new')
        expect(await service.find('a/b')).toMatchObject({ size: 3, digest: sha256('new') })
      })

      it('keeps existing files from other bytes on demand', async () => {
        await service.put('a', text('one'))
        const keep = { overwrite: false }
        await expect(service.put('a', stream('two'), keep)).rejects.toMatchObject({ code: 'artifact.exists' })
        await expect(service.put('a', text('two'), keep)).rejects.toMatchObject({ code: 'artifact.exists' })
        await service.put('a', stream('one'), keep)
        await service.put('b', stream('new'), keep)
        expect([await read(service, 'a'), await read(service, 'b')]).toEqual(['one', 'new'])
      })

      it('keeps nothing of a body that fails or is too large', async () => {
        await service.put('old', text('old'))
        for (const path of ['new', 'old']) {
          await expect(service.put(path, stream('half', new Error('gone')))).rejects.toThrow('gone')
          const tooLarge = { code: 'artifact.too_large', details: { path, limit: 4 } }
          await expect(service.put(path, stream('1234', '5'), { limit: 4 })).rejects.toMatchObject(tooLarge)
          await expect(service.put(path, text('12345'), { limit: 4 })).rejects.toMatchObject(tooLarge)
        }
        await service.put('exact', stream('1234'), { limit: 4 })
        expect(await paths('')).toEqual(['exact', 'old'])
        expect(await read(service, 'old')).toBe('old')
        expect(await objectKeys()).toEqual(['artifacts/exact', 'artifacts/old'])
        expect(await writes()).toEqual([])
      })

      it('gives ranges', async () => {
        await service.put('digits', text('0123456789'))
        const open = async (range: Parameters<ArtifactService['get']>[1]) => {
          const { body, range: bounds } = await service.get('digits', range)
          const parts: Uint8Array[] = []
          for await (const chunk of body) parts.push(chunk)
          return [Buffer.concat(parts).toString(), bounds.start, bounds.end]
        }
        expect(await open({})).toEqual(['0123456789', 0, 10])
        expect(await open({ range: { start: 2, end: 5 } })).toEqual(['234', 2, 5])
        expect(await open({ range: { start: 7 } })).toEqual(['789', 7, 10])
        expect(await open({ range: { start: 7, end: 99 } })).toEqual(['789', 7, 10])
        expect(await open({ range: { last: 3 } })).toEqual(['789', 7, 10])
        expect(await open({ range: { last: 99 } })).toEqual(['0123456789', 0, 10])
        const invalid = { code: 'artifact.range_invalid', details: { size: 10 } }
        await expect(open({ range: { start: 10 } })).rejects.toMatchObject(invalid)
        await expect(open({ range: { last: 0 } })).rejects.toMatchObject(invalid)
      })

      it('says what is missing; a folder is no file', async () => {
        await service.put('a/b', text('x'))
        for (const path of ['a', 'b', 'a/b/c']) {
          await expect(service.get(path)).rejects.toMatchObject({
            code: 'artifact.not_found',
            details: { path },
          })
          expect(await service.find(path)).toBeUndefined()
        }
      })

      it('deletes files and trees, and does not mind what is missing', async () => {
        for (const path of ['a', 'a-b', 'b/1', 'b/c/2', 'b0', 'b 1']) await service.put(path, text(path))
        expect(await service.delete('b')).toEqual({ files: 2, bytes: 8 })
        expect(await paths('')).toEqual(['a', 'a-b', 'b 1', 'b0'])
        expect(await service.delete('a')).toEqual({ files: 1, bytes: 1 })
        expect(await service.delete('a')).toEqual({ files: 0, bytes: 0 })
        expect(await objectKeys()).toEqual(['artifacts/a-b', 'artifacts/b0', 'artifacts/b=201'].sort())
      })
    })

    describe('lists', () => {
      it('shows one level, folders among the files, page by page', async () => {
        const all = ['m/a', 'm/b-c/x', 'm/b/1', 'm/b/2/y', 'm/b0', 'm/c/z', 'n', 'm.txt']
        for (const path of [...all].reverse()) await service.put(path, text(path))
        const expected = ['m/a', 'm/b-c/', 'm/b/', 'm/b0', 'm/c/']
        expect(await paths('m')).toEqual(expected)
        expect(await paths('')).toEqual(['m.txt', 'm/', 'n'])
        expect(await paths('m/b')).toEqual(['m/b/1', 'm/b/2/'])
        expect(await paths('m/b/1')).toEqual([])
        expect(await paths('nothing')).toEqual([])
        for (const limit of [1, 2, 4, 5]) {
          const seen: string[] = []
          let after: string | undefined
          do {
            const page = await service.list('m', { after, limit })
            expect(page.items.length).toBeLessThanOrEqual(limit)
            seen.push(...page.items.map(({ kind, path }) => (kind === 'folder' ? `${path}/` : path)))
            after = page.next
          } while (after !== undefined)
          expect(seen).toEqual(expected)
        }
        const tree = await service.listTree('m', { limit: 4 })
        expect(tree.items.map(({ path }) => path)).toEqual(['m/a', 'm/b-c/x', 'm/b/1', 'm/b/2/y'])
        const rest = await service.listTree('m', { after: tree.next })
        expect(rest).toMatchObject({ items: [{ path: 'm/b0' }, { path: 'm/c/z' }] })
        expect(rest.next).toBeUndefined()
      })

      it('pages through a folder of 100,000 files and past folders of as many', async () => {
        const rows = Array.from({ length: 100_000 }, (_, i) => ({
          path: `f/d/${String(i).padStart(6, '0')}`,
          digest: sha256(''),
          size: 0,
          version: 'v',
          created_at: 1,
        }))
        for (let i = 0; i < rows.length; i += 5000) {
          await tables()
            .insertInto('artifacts')
            .values(rows.slice(i, i + 5000))
            .execute()
        }
        await service.put('f/e', text('x'))
        expect(await paths('f')).toEqual(['f/d/', 'f/e'])
        let count = 0
        let after: string | undefined
        do {
          const page = await service.list('f/d', { after })
          count += page.items.length
          after = page.next
        } while (after !== undefined)
        expect(count).toBe(100_000)
      })
    })

    describe('paths', () => {
      const bad = [
        '',
        '/',
        '/a',
        'a/',
        'a//b',
        '..',
        'a/../b',
        './a',
        'a\\b',
        'C:/a',
        'c:a',
        'a#b',
        'a\0',
        'a\nb',
      ]
      const encoded = [
        '%2e%2e/a',
        'a/%2E%2E/b',
        '%252e%252e/a',
        '%2Fa',
        'a%5Cb',
        'a%23b',
        '%43%3A/x',
        'a%00',
        '%25%32%65%2e/x',
      ]
      const long = ['x'.repeat(256), 'ü'.repeat(50), `${'x/'.repeat(600)}x`, '\ud800']
      it.each([...bad, ...encoded, ...long])('refuses %.30j', async (path) => {
        const refusal = { code: 'artifact.path_invalid', message: expect.stringMatching(/^Invalid path/) }
        await expect(service.put(path, text('x'))).rejects.toMatchObject(refusal)
        await expect(service.get(path)).rejects.toMatchObject(refusal)
        await expect(service.find(path)).rejects.toMatchObject(refusal)
        await expect(service.delete(path)).rejects.toMatchObject(refusal)
        await expect(service.createUpload(path, 1)).rejects.toMatchObject(refusal)
        await expect(service.seal(path, 'me')).rejects.toMatchObject(refusal)
        if (path !== '') await expect(service.list(path)).rejects.toMatchObject(refusal)
        expect(await objectKeys()).toEqual([])
      })
    })

    describe('writers and crashes', () => {
      it('lets one of several concurrent writers win whole, with its digest', async () => {
        const bodies = Array.from({ length: 6 }, (_, i) => String(i).repeat(1000 + i))
        for (let round = 0; round < 3; round++) {
          await Promise.all(
            bodies.map((body) => service.put('same', stream(body.slice(0, 500), body.slice(500)))),
          )
          const content = await read(service, 'same')
          expect(bodies).toContain(content)
          const expected = { path: 'same', size: content.length, digest: sha256(content) }
          expect((await service.list('')).items).toMatchObject([expected])
          expect(await service.find('same')).toMatchObject(expected)
          expect(await writes()).toEqual([])
        }
      })

      it('reads one version whole while it is being replaced', async () => {
        await service.put('a', text('old'.repeat(1000)))
        const { artifact, body } = await service.get('a')
        await service.put('a', text('new'))
        const parts: Uint8Array[] = []
        for await (const chunk of body) parts.push(chunk)
        expect(sha256(Buffer.concat(parts))).toBe(artifact.digest)
      })

      it('finds the digest again that a crash between object and row left out', async () => {
        await service.put('a/b', text('old'))
        await tables()
          .insertInto('artifact_writes')
          .values({ path: 'a/b', id: 'killed', expires_at: 1 })
          .execute()
        await objects.put(artifactKey('a/b'), text('other'))
        const expected = { path: 'a/b', size: 5, digest: sha256('other') }
        expect((await service.list('a')).items).toMatchObject([expected])
        expect(await service.find('a/b')).toMatchObject(expected)
        await objects.put(artifactKey('a/b'), text('third'))
        expect(await read(service, 'a/b')).toBe('third')
        expect(await service.digestOf('a')).toMatchObject({ digest: sha256(`${sha256('third')} b\n`) })
        await service.put('a/b', text('last'))
        expect(await writes()).toEqual([])
        expect(await read(service, 'a/b')).toBe('last')
      })

      it('takes a row without an object for no file', async () => {
        await service.put('a', text('x'))
        await objects.delete(artifactKey('a'))
        expect(await service.find('a')).toBeUndefined()
        expect(await paths('')).toEqual([])
        await service.put('a', text('x'))
        expect(await read(service, 'a')).toBe('x')
      })
    })

    describe('seals', () => {
      it('keeps what a holder names from any change until all have let go', async () => {
        await service.put('run/model/MLmodel', text('m'))
        await service.put('run/model/data/w', text('w'))
        await service.put('run/models', text('x'))
        const expected = sha256(`${sha256('m')} MLmodel\n${sha256('w')} data/w\n`)
        const unordered = sha256(`${sha256('w')} data/w\n${sha256('m')} MLmodel\n`)
        expect(expected).not.toBe(unordered)
        const digest = { digest: expected, files: 2, bytes: 2 }
        expect(await service.digestOf('run/model')).toEqual(digest)
        expect(await service.seal('run/model', 'models:/a/1')).toEqual(digest)
        expect(await service.seal('run/model', 'models:/b/1')).toEqual(digest)
        const sealed = { code: 'artifact.sealed', details: { folder: 'run/model', holder: 'models:/a/1' } }
        for (const path of ['run/model/MLmodel', 'run/model/data/new', 'run/model']) {
          await expect(service.put(path, stream('other'))).rejects.toMatchObject(sealed)
          await expect(service.put(path, text('other'))).rejects.toMatchObject(sealed)
          await expect(service.createUpload(path, 1)).rejects.toMatchObject(sealed)
        }
        for (const path of ['run', 'run/model', 'run/model/data/w', 'run/model/MLmodel']) {
          await expect(service.delete(path)).rejects.toMatchObject(sealed)
        }
        await service.put('run/model/MLmodel', stream('m'))
        await service.put('run/models', text('y'))
        await service.delete('run/models')
        expect(await service.digestOf('run/model')).toEqual(digest)
        expect(
          await Promise.all(['run', 'run/model', 'run/model/data', 'run/other'].map(service.isSealed)),
        ).toEqual([true, true, true, false])
        await service.unseal('run/model', 'models:/a/1')
        await expect(service.put('run/model/MLmodel', text('other'))).rejects.toMatchObject({
          code: 'artifact.sealed',
        })
        await service.unseal('run/model', 'models:/b/1')
        await service.put('run/model/MLmodel', text('other'))
        expect(await service.digestOf('run/none')).toEqual({ digest: sha256(''), files: 0, bytes: 0 })
      })

      it('is refused while a file beneath takes its place, but not for ever', async () => {
        await service.put('run/model/a', text('a'))
        const write = { path: 'run/model/a', id: 'other', expires_at: stores.clock.now() + 1000 }
        await tables().insertInto('artifact_writes').values(write).execute()
        await expect(service.seal('run/model', 'me')).rejects.toMatchObject({ code: 'artifact.busy' })
        await expect(service.put('run/model/a', text('b'))).resolves.toBeDefined()
        stores.clock.advance(1001)
        await service.seal('run/model', 'me')
        expect(await read(service, 'run/model/a')).toBe('b')
      })

      it('refuses a body whose folder was sealed while it came', async () => {
        async function* body() {
          yield text('other')
          await service.seal('run/model', 'me')
        }
        await service.put('run/model/a', text('a'))
        await expect(service.put('run/model/a', body())).rejects.toMatchObject({ code: 'artifact.sealed' })
        expect(await read(service, 'run/model/a')).toBe('a')
        expect(await service.digestOf('run/model')).toMatchObject({ digest: sha256(`${sha256('a')} a\n`) })
      })
    })

    describe('uploads in parts', () => {
      it('puts parts together that came in any order', async () => {
        const upload = await service.createUpload('run/large', 3)
        const third = await service.putPart(upload.id, 3, stream('!'))
        const [first] = await Promise.all([
          service.putPart(upload.id, 1, stream('hel')),
          service.putPart(upload.id, 2, text('xx')),
        ])
        const second = await service.putPart(upload.id, 2, text('lo'))
        expect(await paths('run')).toEqual([])
        const artifact = await service.completeUpload(upload.id, [third, first, second])
        expect(artifact).toMatchObject({ path: 'run/large', size: 6, digest: sha256('hello!') })
        expect(await read(service, 'run/large')).toBe('hello!')
        expect(await objectKeys()).toEqual(['artifacts/run/large'])
        const gone = { code: 'artifact.upload_not_found' }
        await expect(service.putPart(upload.id, 1, text('x'))).rejects.toMatchObject(gone)
        await expect(service.completeUpload(upload.id, [{ number: 1 }])).rejects.toMatchObject(gone)
      })

      it('refuses what is not whole and stays as it is', async () => {
        const { id } = await service.createUpload('a', 2)
        const part = await service.putPart(id, 1, text('one'))
        const invalid = (reason: string) => ({
          code: 'artifact.upload_invalid',
          details: { reason: expect.stringContaining(reason) },
        })
        const complete = (...parts: { number: number; digest?: string }[]) =>
          service.completeUpload(id, parts)
        await expect(complete(part)).rejects.toMatchObject(invalid('part 2 of 2 has not been sent'))
        await expect(service.putPart(id, 3, text('x'))).rejects.toMatchObject(invalid('part 3'))
        await expect(service.putPart(id, 0, text('x'))).rejects.toMatchObject(invalid('part 0'))
        await expect(service.putPart(id, 2, stream('x', new Error('gone')))).rejects.toThrow('gone')
        await expect(service.putPart(id, 2, stream('xyz'), { limit: 2 })).rejects.toMatchObject({
          code: 'artifact.too_large',
        })
        await service.putPart(id, 2, text('two'))
        await expect(complete(part)).rejects.toMatchObject(invalid('part 2 of 2 is not named'))
        await expect(complete(part, { number: 2, digest: part.digest })).rejects.toMatchObject(
          invalid('other bytes'),
        )
        await expect(complete(part, part, { number: 2 })).rejects.toMatchObject(invalid('twice'))
        await expect(complete(part, { number: 2 }, { number: 3 })).rejects.toMatchObject(
          invalid('2 parts only'),
        )
        for (const count of [0, 1.5, 10_001]) {
          await expect(service.createUpload('a', count)).rejects.toMatchObject(invalid(`${count} parts`))
        }
        expect(await complete(part, { number: 2 })).toMatchObject({ size: 6 })
      })

      it('forgets an aborted upload with its parts', async () => {
        const { id } = await service.createUpload('a', 2)
        await service.putPart(id, 1, text('one'))
        await service.abortUpload(id)
        await service.abortUpload(id)
        await service.abortUpload('../../etc')
        expect(await objectKeys()).toEqual([])
        await expect(service.putPart('../../etc', 1, text('x'))).rejects.toMatchObject({
          code: 'artifact.upload_not_found',
        })
      })
    })
  })
}
