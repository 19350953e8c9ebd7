/** Where a command reads its surroundings and writes to; tests put their own in. */
export interface Terminal {
  /** Results. */
  out(text: string): void
  /** Progress and errors. */
  err(text: string): void
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  /** Columns of the terminal that `err` writes to; undefined if it is piped. */
  columns: number | undefined
  now(): number
}

/** The terminal of this process. Whoever reads its output may go before it ends, as `head` does. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreGoneReader)
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    columns: process.stderr.isTTY ? (process.stderr.columns ?? 80) : undefined,
    now: Date.now,
  }
}

function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
