import type { Terminal } from '../cli/terminal.ts'

/** A terminal that keeps what is written. */
export function createTestTerminal(given: Partial<Pick<Terminal, 'env' | 'cwd' | 'columns'>> = {}) {
  const written = { out: '', err: '' }
  let time = 0
  const terminal: Terminal = {
    out: (text) => {
      written.out += text
    },
    err: (text) => {
      written.err += text
    },
    env: given.env ?? {},
    cwd: given.cwd ?? '/nowhere',
    columns: given.columns,
    now: () => time,
  }
  return {
    terminal,
    written,
    /** Moves the clock, milliseconds. */
    advance(ms: number) {
      time += ms
    },
  }
}
