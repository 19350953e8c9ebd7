import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail } from '@millrace/protocol/errors'
import { type BuildFailure, build, type Plugin } from 'esbuild'

/** A project's code as one ES module: its default export is the project, `findFunction` finds the functions in it. */
export interface Bundle {
  code: string
  /** SHA-256 of the code in UTF-8, hex. */
  digest: string
}

const api: Readonly<Record<string, string>> = {
  millrace: fileURLToPath(new URL('../index.ts', import.meta.url)),
  'millrace/learn': fileURLToPath(new URL('../learn.ts', import.meta.url)),
}

/** The definition API of this package goes in, wherever the project is and whatever it has installed. */
const definitionApi: Plugin = {
  name: 'definition-api',
  setup(build) {
    build.onResolve({ filter: /^millrace(\/learn)?$/ }, ({ path }) => ({
      path: api[path],
      sideEffects: false,
    }))
  },
}

/**
 * Puts a project's configuration and all that it imports into one file for Node 24. The same sources give the
 * same bytes, whatever folder they are in: neither paths nor comments are kept.
 * @throws `project.not_found` if there is no such file; `project.invalid` naming file and line of what cannot be
 * read or found.
 */
export async function bundleProject(configPath: string): Promise<Bundle> {
  const path = resolve(configPath)
  if (!existsSync(path)) throw fail('project.not_found', { path: configPath })
  const entry = JSON.stringify(path)
  try {
    const result = await build({
      stdin: {
        contents: `import project from ${entry}
import { findFunction as find } from 'millrace'
export default project
export const findFunction = (kind, name) => find(project, kind, name)`,
        resolveDir: dirname(path),
        loader: 'js',
      },
      absWorkingDir: dirname(path),
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      charset: 'utf8',
      legalComments: 'none',
      // Names of CommonJS modules in the output would be their paths, unless identifiers are minified.
      minify: true,
      keepNames: true,
      logLevel: 'silent',
      plugins: [definitionApi],
    })
    const code = result.outputFiles[0]?.text ?? ''
    return { code, digest: createHash('sha256').update(code).digest('hex') }
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>
    if (!errors?.[0]) throw error
    const { text, location } = errors[0]
    const where = location ? `${location.file}:${location.line}: ` : ''
    throw fail('project.invalid', { path: configPath, reason: `${where}${text}` }, error)
  }
}
