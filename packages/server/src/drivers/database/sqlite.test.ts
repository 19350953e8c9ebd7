import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { databaseContract } from '../../ports/testing/database.contract.ts'
import { startWriter } from '../testing/crash.ts'
import { createSqliteDatabase } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const path = join(folder, 'nested', 'contract.db')
const holder = `
import { createSqliteDatabase } from './sqlite.ts'
const [path, name] = process.argv.slice(1)
const lock = await createSqliteDatabase({ path }).lock(name)
console.log(lock ? 'held' : 'taken')
setInterval(() => lock, 1000)
`

databaseContract('sqlite', {
  open: () => createSqliteDatabase({ path }),
  lockElsewhere: (name) => startWriter(holder, import.meta.url, [path, name]),
})
