/** What may be kept of one task's output: characters of a line, lines. */
const lineLimits = { lineLength: 4096, lines: 10_000 } as const

/**
 * Cuts a stream of text chunks into lines of at most `lineLength` characters without ever holding more than one
 * line; the rest of a longer line is dropped.
 */
export function createLineSplitter(onLine: (line: string) => void) {
  let rest = ''
  let overflowed = false

  function add(text: string) {
    if (overflowed) return
    rest += text
    if (rest.length > lineLimits.lineLength) {
      rest = `${rest.slice(0, lineLimits.lineLength)}…`
      overflowed = true
    }
  }
  function flush() {
    onLine(rest.endsWith('\r') ? rest.slice(0, -1) : rest)
    rest = ''
    overflowed = false
  }
  return {
    push(chunk: string) {
      const parts = chunk.split('\n')
      const last = parts.pop() ?? ''
      for (const part of parts) {
        add(part)
        flush()
      }
      add(last)
    },
    /** Delivers a last line that has no line end. */
    end() {
      if (rest !== '') flush()
    },
  }
}

/** Passes the first lines on, then one notice, then nothing. */
export function createLineBudget(onLine: (line: string) => void): (line: string) => void {
  let count = 0
  return (line) => {
    count++
    if (count <= lineLimits.lines) onLine(line)
    else if (count === lineLimits.lines + 1)
      onLine(`(more than ${lineLimits.lines} lines: the rest is dropped)`)
  }
}
