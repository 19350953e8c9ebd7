import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { errorCatalogue } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const pages = listPages(root)

describe('the documentation', () => {
  it('is seen', () => {
    expect(pages.length).toBeGreaterThan(6)
  })

  it.each(pages)('%s has no dead link', (page) => {
    const text = read(page)
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1])
    const dead = links.filter(
      (link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(page), decodeURI(link))),
    )
    expect(dead).toEqual([])
  })

  it('names only paths that exist in the map of ARCHITECTURE.md', () => {
    const paths = [...read('ARCHITECTURE.md').matchAll(/`((?:packages|examples|test|docs)\/[^`<…]*)`/g)].map(
      (match) => match[1],
    )
    expect(paths.length).toBeGreaterThan(15)
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('names every setting of the server in the README', () => {
    const settings = new Set(read('packages/server/src/config.ts').match(/MILLRACE_[A-Z0-9_]+/g))
    settings.delete('MILLRACE_') // the prefix that steps inherit
    const readme = read('README.md')
    const missing = [...settings].filter(
      (setting) => !readme.includes(setting) && !/_(DIR|HOST|PORT)$/.test(setting),
    )
    expect(missing).toEqual([])
  })

  it('lists every error, with its status, in the reference', () => {
    const reference = read('docs/reference/errors.md')
    const missing = Object.entries(errorCatalogue).filter(
      ([code, [status]]) => !reference.includes(`| \`${code}\` | ${status} |`),
    )
    expect(missing.map(([code]) => code)).toEqual([])
  })
})

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

function listPages(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.md') && !/(^|\/)(node_modules|\.millrace|\.peers|templates|\.git)\//.test(name),
  )
}
