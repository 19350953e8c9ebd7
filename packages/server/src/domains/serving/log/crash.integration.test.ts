import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createDuckDbLake } from '../../../drivers/lake/duckdb.ts'
import { createLogRelations } from './relations.ts'

const entry = fileURLToPath(new URL('../testing/predict-until-killed.ts', import.meta.url))

test('what was acknowledged before kill -9 is in the log', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'serving-crash-'))
  const lake = await createDuckDbLake({ threads: 1, tempDir: join(dir, 'spill') })
  const acknowledged = new Set<string>()
  for (let round = 0; round < 2; round++) {
    const child = spawn(process.execPath, [entry, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    let rest = ''
    let lines = 0
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      for (const id of parts) acknowledged.add(id)
      lines += parts.length
      if (lines > 3000 && !child.killed) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
  }
  const relations = createLogRelations(dir, 'e', { x: 'string' })
  const rows = await lake.rows<{ id: string }>(`SELECT id FROM (${relations.predictions()})`)
  const found = new Set(rows.map(({ id }) => id))
  expect(acknowledged.size).toBeGreaterThan(3000)
  expect([...acknowledged].filter((id) => !found.has(id))).toEqual([])
  await lake.close()
  rmSync(dir, { recursive: true })
})
