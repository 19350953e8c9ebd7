import type { Terminal } from './terminal.ts'

const intervalMs = 200

/** A line that tells how far a command is, on a terminal only. */
export function createCounter(terminal: Terminal, isSilent = false) {
  const { columns } = terminal
  let shown = 0
  return {
    show(text: string) {
      if (isSilent || columns === undefined || terminal.now() - shown < intervalMs) return
      shown = terminal.now()
      terminal.err(`\r\x1b[K${text.slice(0, columns - 1)}`)
    },
    end() {
      if (shown > 0) terminal.err('\r\x1b[K')
    },
  }
}
