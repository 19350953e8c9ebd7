import { expect, test } from 'vitest'
import { nodeOf } from './lineage-node.ts'
import { walk } from './lineage-walk.ts'

const node = (name: string) => nodeOf('dataset', name)
const links: Record<string, string[]> = {
  a: ['b', 'c'],
  b: ['d'],
  c: ['d'],
  d: ['a'],
  wide: ['a', 'b', 'c', 'd'],
}
const from = (start: string, bounds: { depth?: number; nodes?: number }) =>
  walk(
    { node: node(start), context: undefined },
    {
      direction: 'down',
      bounds: { depth: 9, nodes: 99, ...bounds },
      next: async (step) => ({
        steps: (links[step.node.name] ?? []).map((name) => ({ node: node(name), context: undefined })),
      }),
      key: () => '',
    },
  )
const names = (found: Awaited<ReturnType<typeof from>>) => found.nodes.map(({ name }) => name).join('')

test('every node comes once, with all that leads to it, also around a circle', async () => {
  const found = await from('a', {})
  expect(names(found)).toBe('abcd')
  expect(found.edges.map(({ from, to }) => `${from.at(-1)}${to.at(-1)}`)).toEqual([
    'ab',
    'ac',
    'bd',
    'cd',
    'da',
  ])
  expect(found.truncated).toBe(false)
})

test('what is left out is told', async () => {
  expect(await from('a', { depth: 1 })).toMatchObject({ truncated: true })
  expect(names(await from('a', { depth: 1 }))).toBe('abc')
  // All are there at this depth, whatever leads further.
  expect(await from('a', { depth: 2 })).toMatchObject({ truncated: false })
  const few = await from('wide', { nodes: 3 })
  expect(few).toMatchObject({ truncated: true })
  expect(few.nodes).toHaveLength(3)
  for (const { from, to } of few.edges) {
    expect(few.nodes.map(({ id }) => id)).toContain(from)
    expect(few.nodes.map(({ id }) => id)).toContain(to)
  }
})
