import type { LineageGraph, LineageNode } from '@millrace/client'

/** A lineage as two trees: what it comes from, and what it goes into. What has come before is not spread out again. */
export function formatLineage({ of, nodes, edges, truncated }: LineageGraph): string {
  const known = new Map(nodes.map((node) => [node.id, node]))
  const origins = Map.groupBy(edges, ({ to }) => to)
  const uses = Map.groupBy(edges, ({ from }) => from)
  const start = known.get(of)
  const tree = (title: string, next: (id: string) => string[]) => {
    const lines: string[] = []
    const shown = new Set<string>()
    const add = (id: string, indent: string) => {
      for (const other of next(id)) {
        const node = known.get(other)
        if (!node) continue
        const again = shown.has(other) && next(other).length > 0
        shown.add(other)
        lines.push(`${indent}${nodeText(node)}${again ? '  (see above)' : ''}\n`)
        if (!again) add(other, `${indent}  `)
      }
    }
    add(of, '    ')
    return lines.length === 0 ? '' : `  ${title}\n${lines.join('')}`
  }
  const up = tree('comes from', (id) => (origins.get(id) ?? []).map(({ from }) => from))
  const down = tree('goes into', (id) => (uses.get(id) ?? []).map(({ to }) => to))
  const more = truncated ? 'There is more: raise --depth or --nodes.\n' : ''
  return `${start ? nodeText(start) : of}\n${up}${down}${more}`
}

/** Content hashes are cut: what is left tells them apart. */
function nodeText({ kind, name, version }: LineageNode): string {
  const short = version !== undefined && /^[0-9a-f]{16,}$/.test(version) ? version.slice(0, 12) : version
  return `${kind} ${name}${short === undefined ? '' : `@${short}`}`
}
