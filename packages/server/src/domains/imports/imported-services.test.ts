import { afterAll, beforeAll, expect, test } from 'vitest'
import { feastServicesMigration } from '../../migrations/0021-feast-services.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { createImportedServices, type ImportedServices } from './index.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let services: ImportedServices
beforeAll(async () => {
  stores = await createTemporaryStores([feastServicesMigration])
  services = createImportedServices(stores)
})
afterAll(() => stores.close())

const service = (name: string) => ({ name, features: [{ view: 'v', feature: 'f', as: 'w' }] })

test('the services of a project are replaced as a whole', async () => {
  await services.replace('rides', [service('a'), service('b')])
  await services.replace('shop', [service('c')])
  await services.replace('rides', [service('b'), service('d')])
  expect(await services.find('a')).toBeUndefined()
  expect(await services.find('c')).toEqual(service('c'))
  expect(await services.find('d')).toEqual(service('d'))
  await services.replace('shop', [])
  expect(await services.find('c')).toBeUndefined()
})

test('a name that belongs to another project is refused, and nothing changes', async () => {
  await expect(services.check('shop', ['x', 'd'])).rejects.toThrow('came from the Feast project "rides"')
  await expect(services.replace('shop', [service('x'), service('b')])).rejects.toThrow('rides')
  expect(await services.find('x')).toBeUndefined()
  await services.check('rides', ['b', 'd'])
})
