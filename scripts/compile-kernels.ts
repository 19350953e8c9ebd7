import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import createCompiler from 'wabt'

// Compiles the inner loops of growing and walking trees. Run `npm run kernels` after a change; tests compare.
const trees = join(import.meta.dirname, '..', 'packages', 'learn', 'src', 'trees')
const compiler = await createCompiler()
for (const path of ['kernels/kernels', 'engine/walk']) {
  const name = basename(path)
  const source = readFileSync(join(trees, `${path}.wat`), 'utf8')
  const module = compiler.parseWat(`${name}.wat`, source, { threads: true, simd: true })
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64')
  const lines = base64.match(/.{1,100}/g) ?? []
  writeFileSync(
    join(trees, `${path}-wasm.ts`),
    `/** ${name}.wat, compiled; written by \`npm run kernels\`. */
export const ${name}Base64 = [
${lines.map((line) => `  '${line}',\n`).join('')}].join('')
`,
  )
}
