import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrations } from '../../../migrations/index.ts'
import { createTemporaryStores } from '../../../testing/temporary-stores.ts'
import type { SearchInput } from '../../search/index.ts'
import type { RegistryTables } from '../tables.ts'
import { searchRegisteredModels } from './search-models.ts'
import { searchModelVersions } from './search-versions.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>

beforeAll(async () => {
  stores = await createTemporaryStores([])
  await stores.db.migrate(migrations)
  const db = stores.db.tables<RegistryTables>()
  const promptTag = 'mlflow.prompt.is_prompt'
  const models = [
    { name: 'Churn', tags: { team: 'a' } },
    { name: 'delay', tags: { team: 'b' } },
    { name: 'greeting', tags: { [promptTag]: 'true' } },
    { name: 'untagged', tags: {} },
  ]
  for (const [i, { name, tags }] of models.entries()) {
    await db
      .insertInto('registered_models')
      .values({ name, description: null, user_id: null, created_at: i, updated_at: 10 - i, checks: null })
      .execute()
    for (const [key, value] of Object.entries(tags)) {
      await db.insertInto('registered_model_tags').values({ model: name, key, value }).execute()
    }
    for (const version of [1, 2, 3]) {
      await db
        .insertInto('model_versions')
        .values({
          model: name,
          version,
          status: 'READY',
          reason: '',
          stage: 'None',
          source: `s3://${name}/${version}`,
          run_id: version === 1 ? `run-${name}` : null,
          label: `${version}.0.0`,
          change: '{"kind":"data","details":[]}',
          lineage:
            '{"run":null,"trainingSet":null,"datasets":[],"definitions":{},"bundles":[],"commit":null}',
          created_at: version,
          updated_at: version === 2 ? 100 : 50,
          deleted_at: version === 3 ? 1 : null,
        } as RegistryTables['model_versions'])
        .execute()
      for (const [key, value] of Object.entries(tags)) {
        await db.insertInto('model_version_tags').values({ model: name, version, key, value }).execute()
      }
    }
  }
})
afterAll(() => stores.close())

const models = async (input: SearchInput) =>
  (await searchRegisteredModels(stores.db, { dialect: 'mlflow', ...input })).items.map(({ name }) => name)
const versions = async (input: SearchInput) =>
  (await searchModelVersions(stores.db, { dialect: 'mlflow', ...input })).items.map(
    ({ model, version }) => `${model}/${version}`,
  )

describe('searchRegisteredModels', () => {
  it('finds by name and tags, by name', async () => {
    expect(await models({})).toEqual(['Churn', 'delay', 'untagged'])
    expect(await models({ filter: "name LIKE 'c%'" })).toEqual([])
    expect(await models({ filter: "name ILIKE 'c%'" })).toEqual(['Churn'])
    expect(await models({ filter: "tags.team != 'a'" })).toEqual(['delay'])
    expect(await models({ orderBy: ['last_updated_timestamp'] })).toEqual(['untagged', 'delay', 'Churn'])
    expect(await models({ dialect: 'native', filter: 'description IS NULL', limit: 2 })).toEqual([
      'Churn',
      'delay',
    ])
  })

  it('leaves prompts out unless they are asked for', async () => {
    const tag = 'tag.`mlflow.prompt.is_prompt`'
    expect(await models({ filter: `${tag} = 'true'` })).toEqual(['greeting'])
    expect(await models({ filter: `${tag} != 'false'` })).toEqual(['greeting'])
    expect(await models({ filter: `${tag} != 'true'` })).toEqual(['Churn', 'delay', 'untagged'])
    expect(await models({ filter: `name LIKE '%a%' AND ${tag} = 'false'` })).toEqual(['delay', 'untagged'])
    expect(await models({ filter: `${tag} = 'true' AND ${tag} = 'false'` })).toEqual([])
    expect(await models({ dialect: 'native' })).toContain('greeting')
  })
})

describe('searchModelVersions', () => {
  it('finds those that exist, the last updated first', async () => {
    expect(await versions({ filter: "name = 'Churn'" })).toEqual(['Churn/2', 'Churn/1'])
    expect(await versions({})).toEqual([
      'Churn/2',
      'delay/2',
      'untagged/2',
      'Churn/1',
      'delay/1',
      'untagged/1',
    ])
    expect(await versions({ filter: "run_id IN ('run-delay', 'run-none')" })).toEqual(['delay/1'])
    expect(await versions({ filter: "version_number >= '2' AND source_path LIKE 's3://d%'" })).toEqual([
      'delay/2',
    ])
    expect(await versions({ filter: "tags.team = 'a'", orderBy: ['version_number ASC'] })).toEqual([
      'Churn/1',
      'Churn/2',
    ])
  })

  it('pages to the exact end', async () => {
    const seen: string[] = []
    let pageToken: string | undefined
    do {
      const page = await searchModelVersions(stores.db, {
        orderBy: ['name DESC'],
        limit: 4,
        pageToken,
        count: true,
      })
      expect(page.total).toBe(8)
      seen.push(...page.items.map(({ model, version }) => `${model}/${version}`))
      pageToken = page.nextPageToken
    } while (pageToken)
    expect(seen).toEqual(
      ['untagged', 'greeting', 'delay', 'Churn'].flatMap((name) => [`${name}/2`, `${name}/1`]),
    )
  })
})
