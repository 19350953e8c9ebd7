import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * The dependency rules of ARCHITECTURE.md as data: each area may import from the areas listed. Areas of the server
 * are folders of `packages/server/src`; the others are packages, imported by name.
 */
const packageRules: Record<string, readonly string[]> = {
  protocol: [],
  stats: [],
  learn: [],
  client: ['protocol'],
  server: ['protocol', 'stats', 'learn'],
  millrace: ['protocol', 'learn', 'client', 'server'],
}

const serverRules: Record<string, readonly string[]> = {
  kernel: ['kernel'],
  ports: ['kernel', 'ports'],
  migrations: ['ports', 'migrations'],
  drivers: ['kernel', 'ports', 'drivers'],
  domains: ['kernel', 'ports', 'domains', 'http'],
  http: ['kernel', 'http'],
  compat: ['kernel', 'domains', 'http', 'compat'],
}

// Files at the root of the server compose the rest and may import everything; only these create drivers. Test code
// (`*.test.ts`, contracts and folders called `testing`) may import everything, too.
const root = resolve(import.meta.dirname, '..')
const files = sourceFiles(join(root, 'packages'))

describe('architecture', () => {
  it('sees the whole code base', () => {
    expect(files.length).toBeGreaterThan(100)
  })

  it('keeps the rules between packages', () => {
    const wrong = everyImport((file, target) => {
      const from = packageOf(file)
      const to = /^(?:@millrace\/)?(protocol|stats|learn|client|server|millrace)(?:\/|$)/.exec(target)?.[1]
      return to !== undefined && to !== from && !packageRules[from]?.includes(to)
    })
    expect(wrong).toEqual([])
  })

  it('never reaches into another package by path', () => {
    const wrong = everyImport(
      (file, target) =>
        target.startsWith('.') && packageOf(resolve(dirname(file), target)) !== packageOf(file),
    )
    expect(wrong).toEqual([])
  })

  it('keeps the layers inside the server', () => {
    const wrong = everyImport((file, target) => {
      const from = serverArea(file)
      const to = target.startsWith('.') ? serverArea(resolve(dirname(file), target)) : undefined
      if (!from || !to || isTest(file)) return false
      return !serverRules[from]?.includes(to)
    })
    expect(wrong).toEqual([])
  })

  it('enters another domain only through its door', () => {
    const wrong = everyImport((file, target) => {
      if (!target.startsWith('.') || isTest(file)) return false
      const to = resolve(dirname(file), target)
      const [from, door] = [domainOf(file), domainOf(to)]
      return (
        door !== undefined &&
        door !== from &&
        !to.endsWith(`${door}/index.ts`) &&
        ['domains', 'compat'].includes(serverArea(file) ?? '')
      )
    })
    expect(wrong).toEqual([])
  })

  it('has no cycle between domains', () => {
    const edges = new Map<string, Set<string>>()
    everyImport((file, target) => {
      if (!target.startsWith('.') || isTest(file)) return false
      const [from, to] = [domainOf(file), domainOf(resolve(dirname(file), target))]
      if (from && to && from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to))
      return false
    })
    const visit = (domain: string, path: string[]): string[] | undefined => {
      if (path.includes(domain)) return [...path.slice(path.indexOf(domain)), domain]
      for (const next of edges.get(domain) ?? []) {
        const cycle = visit(next, [...path, domain])
        if (cycle) return cycle
      }
      return undefined
    }
    for (const domain of edges.keys()) expect(visit(domain, [])).toBeUndefined()
  })

  it('reads the environment in config.ts only', () => {
    const wrong = files.filter((file) => {
      const name = relative(root, file)
      if (!name.startsWith('packages/server/src') || name.endsWith('server/src/config.ts') || isTest(file))
        return false
      return /process\.env\b/.test(readFileSync(file, 'utf8'))
    })
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })

  it('keeps node: out of the pure packages', () => {
    const wrong = everyImport(
      (file, target) =>
        target.startsWith('node:') &&
        ['protocol', 'stats', 'learn', 'client'].includes(packageOf(file)) &&
        !file.includes('/learn/src/threads/') &&
        !isTest(file),
    )
    expect(wrong).toEqual([])
  })

  it('has no file above 500 lines', () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 500)
    expect(long.map((file) => relative(root, file))).toEqual([])
  })
})

function everyImport(isWrong: (file: string, target: string) => boolean): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((target) => isWrong(file, target))
      .map((target) => `${relative(root, file)} imports ${target}`),
  )
}

function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8')
  return [...source.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'([^']+)'/gm)].map(
    (match) => match[1] ?? '',
  )
}

function packageOf(file: string): string {
  return relative(join(root, 'packages'), file).split('/')[0] ?? ''
}

function serverArea(file: string): string | undefined {
  const [pkg, src, area, ...rest] = relative(join(root, 'packages'), file).split('/')
  return pkg === 'server' && src === 'src' && rest.length > 0 ? area : undefined
}

function domainOf(file: string): string | undefined {
  return /packages\/server\/src\/domains\/([^/]+)\//.exec(file)?.[1]
}

function isTest(file: string): boolean {
  return /\.(test|test-d|contract)\.ts$/.test(file) || file.includes('/testing/')
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules') && !name.includes('templates/'))
    .map((name) => join(folder, name))
}
