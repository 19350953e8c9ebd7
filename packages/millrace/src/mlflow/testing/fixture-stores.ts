import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

type Files = Record<string, string | { base64: string }>
interface Table {
  columns: Record<string, string>
  key: string[]
  rows: SQLInputValue[][]
}

const fixtures = join(import.meta.dirname, '..', 'fixtures')

/** Writes the file store that a release of MLflow has made into a folder. @returns the folder of the store */
export async function writeFileStore(folder: string, release: string): Promise<string> {
  const { files } = await readFixture<{ files: Files }>(`file-store-${release}.json`, folder)
  const root = join(folder, 'mlruns')
  await writeFiles(root, files)
  return root
}

/** Makes the database that a release of MLflow has made, with its artifacts beside it, or only its tables. @returns the database's file */
export async function writeDatabase(
  folder: string,
  release: string,
  { empty = false }: { empty?: boolean } = {},
): Promise<string> {
  const name = `database-${release}.json`
  const { files, tables } = await readFixture<{ files: Files; tables: Record<string, Table> }>(name, folder)
  await mkdir(folder, { recursive: true })
  if (!empty) await writeFiles(join(folder, 'mlruns'), files)
  const path = join(folder, 'mlflow.db')
  const db = new DatabaseSync(path)
  db.exec('BEGIN')
  for (const [table, { columns, key, rows }] of Object.entries(tables)) {
    const names = Object.keys(columns)
    const list = names.map((column) => `"${column}" ${columns[column]}`).join(', ')
    const primary = key.length > 0 ? `, PRIMARY KEY (${key.map((column) => `"${column}"`).join(', ')})` : ''
    db.exec(`CREATE TABLE "${table}" (${list}${primary})`)
    if (empty && table !== 'alembic_version') continue
    const insert = db.prepare(`INSERT INTO "${table}" VALUES (${names.map(() => '?').join(', ')})`)
    for (const row of rows) insert.run(...row)
  }
  db.exec('COMMIT')
  db.close()
  return path
}

/** The store was at /fixture; now it is in the folder. */
async function readFixture<Content>(name: string, folder: string): Promise<Content> {
  const text = await readFile(join(fixtures, name), 'utf8')
  return JSON.parse(text.replaceAll('/fixture', folder)) as Content
}

async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'))
  }
}
