import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import createCompiler from 'wabt'

// Compiles the inner loops of growing trees. Run `npm run kernels` after a change; a test compares.
const folder = join(import.meta.dirname, '..', 'packages', 'learn', 'src', 'trees', 'kernels')
const compiler = await createCompiler()
const source = readFileSync(join(folder, 'kernels.wat'), 'utf8')
const module = compiler.parseWat('kernels.wat', source, { threads: true, simd: true })
const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64')
const lines = base64.match(/.{1,100}/g) ?? []
writeFileSync(
  join(folder, 'kernels-wasm.ts'),
  `/** kernels.wat, compiled; written by \`npm run kernels\`. */
export const kernelsBase64 = [
${lines.map((line) => `  '${line}',\n`).join('')}].join('')
`,
)
