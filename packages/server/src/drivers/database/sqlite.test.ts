import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { databaseContract } from '../../ports/testing/database.contract.ts'
import { createSqliteDatabase } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

databaseContract('sqlite', () => createSqliteDatabase({ path: join(folder, 'nested', 'contract.db') }))
