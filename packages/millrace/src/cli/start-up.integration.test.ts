import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a command does not load what only others need', () => {
  const main = new URL('./main.ts', import.meta.url).href
  // Schemas alone are hundreds of modules, and a third of the time of a start.
  const code = `
    import { registerHooks } from 'node:module'
    const packages = new Set()
    registerHooks({ load(url, context, next) {
      packages.add(/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1] ?? 'own')
      return next(url, context)
    } })
    process.on('exit', () => console.log(JSON.stringify([...packages].sort())))
    process.argv = ['node', 'millrace', 'status', '--help']
    await import(${JSON.stringify(main)})`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
  expect(JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')).toEqual(['commander', 'own'])
})
