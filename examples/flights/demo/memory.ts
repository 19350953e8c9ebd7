import { readdirSync, readFileSync } from 'node:fs'

/**
 * Watches the peak resident memory of this process and its descendants, in MB, each by itself. On Linux the kernel
 * keeps the peak (VmHWM of /proc), so looking now and then misses little; elsewhere only this process is known.
 */
export function watchMemory(intervalMs = 200) {
  let peakMb = 0
  const look = () => {
    for (const pid of family()) peakMb = Math.max(peakMb, peakOf(pid))
  }
  const timer = setInterval(look, intervalMs)
  timer.unref()
  return {
    stop(): number {
      clearInterval(timer)
      look()
      return Math.max(peakMb, process.resourceUsage().maxRSS / 1024)
    },
  }
}

function family(): number[] {
  const parents = new Map<number, number>()
  for (const name of processIds()) {
    const stat = readOr(`/proc/${name}/stat`)
    const parent = /\) \S (\d+)/.exec(stat)?.[1]
    if (parent) parents.set(Number(name), Number(parent))
  }
  const isOurs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === process.pid) return true
    }
    return false
  }
  return [...parents.keys()].filter(isOurs)
}

function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return [] // not Linux
  }
}

function peakOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readOr(`/proc/${pid}/status`))?.[1] ?? 0) / 1024
}

/** Empty for a process that has ended in between. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
