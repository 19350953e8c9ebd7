import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatasetDefinition } from '@millrace/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTemporaryData } from '../../../testing/temporary-data.ts'

let bed: Awaited<ReturnType<typeof createTemporaryData>>
beforeEach(async () => {
  bed = await createTemporaryData({ secrets: { MILLRACE_SECRET_SHOP: 'sesame' } })
})
afterEach(() => bed.close())

async function define(program: string, over: Partial<DatasetDefinition> = {}) {
  await writeFile(
    join(bed.dir, 'make.mjs'),
    `import { appendFileSync, writeFileSync } from 'node:fs'\n${program}`,
  )
  const definition: DatasetDefinition = {
    kind: 'dataset',
    name: 'orders',
    source: {
      format: 'program',
      command: [process.execPath, 'make.mjs', 'shop 1'],
      directory: '.',
      output: 'json',
      secrets: ['SHOP'],
    },
    schema: { at: 'timestamp', text: 'string' },
    derived: {},
    timestamp: 'at',
    expectations: [],
    ...over,
  }
  await bed.apply([definition])
}
const ingest = (lines: string[] = []) =>
  bed.data.ingest({ dataset: 'orders', mayRunCode: true, onLog: (line) => lines.push(line) })
const texts = async () => {
  const version = await bed.data.latestVersion('orders')
  const relation = await bed.data.relation(version)
  return (await bed.lake.rows<{ text: string }>(`SELECT text FROM ${relation} ORDER BY "at"`)).map(
    ({ text }) => text,
  )
}

test('a program writes the rows of a dataset, with its secrets and in its folder', async () => {
  const write = 'writeFileSync(process.env.MILLRACE_OUTPUT, JSON.stringify([{ at, text }]))'
  await define(`
    const at = '2001-01-01T00:00:00Z'
    const text = [process.argv[2], process.env.SHOP, process.env.MILLRACE_DATASET, process.env.MILLRACE_SECRET_SHOP].join()
    console.log('writing')
    ${write}`)
  const lines: string[] = []
  expect(await ingest(lines)).toMatchObject({ rows: 1 })
  expect(await texts()).toEqual(['shop 1,sesame,orders,'])
  expect(lines).toEqual(['writing'])
})

test('with a watermark it is told what is there, and adds to it', async () => {
  const program = `
    const after = process.env.MILLRACE_AFTER
    const first = after === undefined ? 0 : Date.parse(after)
    for (let i = 0; i < 2; i++) {
      const row = { at: new Date(first + i * 1000).toISOString(), text: String(after) }
      appendFileSync(process.env.MILLRACE_OUTPUT, JSON.stringify(row) + '\\n')
    }`
  await define(program, { mode: 'append', watermark: 'at' })
  await ingest()
  await ingest()
  expect(await texts()).toEqual(['undefined', 'undefined', '1970-01-01T00:00:01.000Z'])
})

test('what goes wrong is said, and nothing is registered', async () => {
  const refusals: [string, string][] = [
    ['console.error("no such shop"); process.exit(2)', 'it exited with code 2; it said last: no such shop'],
    ['', 'it wrote no file to the path that MILLRACE_OUTPUT names'],
    ['writeFileSync(process.env.MILLRACE_OUTPUT, "")', 'it wrote an empty file'],
    ['writeFileSync(process.env.MILLRACE_OUTPUT, "{")', ''],
  ]
  for (const [program, reason] of refusals) {
    await define(program)
    await expect(ingest()).rejects.toThrow(reason)
  }
  await expect(bed.data.ingest({ dataset: 'orders' })).rejects.toThrow(
    'runs in the step "ingest" of a pipeline',
  )
  await expect(bed.data.latestVersion('orders')).rejects.toMatchObject({ code: 'dataset.version_not_found' })
})

test('what a program said last is not told where values are hidden', async () => {
  await define('console.error("bad row: ada@example.org"); process.exit(2)', {
    pii: { text: { pii: 'email', mask: 'redact' } },
  })
  const refusal = ingest()
  await expect(refusal).rejects.toThrow('it exited with code 2; what it said last is not told')
  await expect(refusal).rejects.not.toThrow('ada@example.org')
})
