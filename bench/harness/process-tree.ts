import { readdir, readFile } from 'node:fs/promises'

/**
 * Memory of a process and all its descendants in MB: the sum of the proportional set sizes, so what processes share is
 * counted once. Linux only (proc(5), smaps_rollup).
 */
export async function memoryOfTree(pid: number): Promise<number> {
  const sizes = await Promise.all((await treeOf(pid)).map(proportionalKb))
  return sizes.reduce((sum, kb) => sum + kb, 0) / 1024
}

/** Processor time that a process and its descendants have used, in seconds. */
export async function processorSecondsOfTree(pid: number): Promise<number> {
  const table = await processTable()
  return (
    (await treeOf(pid, table)).reduce((sum, one) => sum + (table.get(one)?.ticks ?? 0), 0) / ticksPerSecond
  )
}

/** USER_HZ; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

interface ProcessFacts {
  parent: number
  /** Time in user and kernel mode. */
  ticks: number
}

async function treeOf(pid: number, table?: Map<number, ProcessFacts>): Promise<number[]> {
  const facts = table ?? (await processTable())
  const tree = [pid]
  for (const parent of tree) {
    for (const [child, { parent: of }] of facts) if (of === parent) tree.push(child)
  }
  return tree
}

async function processTable(): Promise<Map<number, ProcessFacts>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const entries = await Promise.all(
    pids.map(async (pid): Promise<[number, ProcessFacts] | undefined> => {
      const stat = await readUnlessGone(`/proc/${pid}/stat`)
      if (stat === undefined) return undefined
      // The name, in parentheses, may have spaces and parentheses itself.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return [Number(pid), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }]
    }),
  )
  return new Map(entries.filter((entry) => entry !== undefined))
}

async function proportionalKb(pid: number): Promise<number> {
  const rollup = await readUnlessGone(`/proc/${pid}/smaps_rollup`)
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup ?? '')?.[1] ?? 0)
}

/** A process may end while it is looked at. */
async function readUnlessGone(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
