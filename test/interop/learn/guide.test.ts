import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openShop, type Shop } from '../../e2e/support/shop.ts'
import { runPython } from './python.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
}, 60_000)
afterAll(() => shop.close())

it('the example of docs/guide/python.md runs as it is written', async () => {
  const guide = await readFile(resolve(import.meta.dirname, '../../../docs/guide/python.md'), 'utf8')
  const [, config] = /```ts\n(.*?)```/s.exec(guide) ?? []
  const [, script] = /```python\n(.*?)```/s.exec(guide) ?? []
  await shop.edit('millrace.config.ts', () => config)
  await writeFile(join(shop.dir, 'train.py'), script)
  const commands = [...guide.matchAll(/^ {4}npx millrace (.*?)( +#.*)?$/gm)].map(
    ([, command]) => command.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [],
  )
  const [apply, rows, list, candidate, predict] = commands
  const run = async (command: readonly string[]) => {
    const ended = await shop.run(command)
    expect(ended, `millrace ${command.join(' ')}: ${ended.err}`).toMatchObject({ code: 0 })
    return ended
  }
  await run(apply)
  await run(rows)
  const [{ digest }] = JSON.parse((await run(list)).out)
  const uri = await runPython(['train.py', shop.server.url, digest], { cwd: shop.dir })
  expect(uri).toMatch(/^runs:\/[0-9a-f]{32}\/model$/)
  await run(candidate.map((word) => word.replace('$URI', uri)))
  expect((await run(predict)).out).toMatch(/^[01] {2}probability 0\.\d+ {2}late-deliveries\/1 {2}p_\w+\n$/)

  const shown = await run(['training-set', 'show', digest])
  expect(shown.out).toMatch(/courier +string +feature +0 +≈ \d+\n.*late +boolean +label/s)
  const saved = await run(['training-set', 'download', digest, '--format', 'arrow'])
  expect(saved.out).toContain('late_deliveries.arrow: ')
  const begin = (await readFile(join(shop.dir, 'late_deliveries.arrow'))).subarray(0, 6)
  expect(begin.toString()).toBe('ARROW1')
})
