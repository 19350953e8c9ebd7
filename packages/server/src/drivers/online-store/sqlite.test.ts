import { join } from 'node:path'
import { onlineStoreContract } from '../../ports/testing/online-store.contract.ts'
import { createSqliteOnlineStore } from './sqlite.ts'

onlineStoreContract(async (dir) => createSqliteOnlineStore({ path: join(dir, 'online.sqlite') }))
