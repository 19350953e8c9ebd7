/** Says what is going on: one line that is redrawn on a terminal, now and then a plain line when piped. */
export interface Progress {
  /** A stage begins; the previous one ends. */
  stage(title: string): void
  /** How far the stage is, in things that can be counted. */
  update(done: number, total: number, unit: string): void
  /** How far the stage is, from 0 to 1, and what it does just now. */
  fraction(done: number, doing: string): void
  /** Something worth a line of its own. */
  note(text: string): void
  end(): void
}

const plainIntervalMs = 5000
/** Before that a rate says little, and the time left that follows from it less. */
const settledMs = 1000

export function createProgress(out: NodeJS.WriteStream, now: () => number = Date.now): Progress {
  let title = ''
  let stageStarted = now()
  /** What was done when the stage was first heard of: a stage that is taken up again does not begin at 0. */
  let first: { done: number; at: number } | undefined
  let lastDrawn = 0
  let shown = false

  function clear(): void {
    if (shown) out.write('\r\u001b[2K')
    shown = false
  }
  function finish(): void {
    clear()
    if (title) out.write(`  done  ${title} (${seconds(now() - stageStarted)})\n`)
    title = ''
  }
  function draw(done: number, text: string): void {
    const interval = out.isTTY ? 100 : plainIntervalMs
    if (now() - lastDrawn < interval || done >= 1) return
    lastDrawn = now()
    if (out.isTTY) {
      clear()
      out.write(`  ${bar(done)} ${title}: ${text}`.slice(0, (out.columns ?? 80) - 1))
      shown = true
    } else {
      out.write(`  ....  ${title}: ${text}\n`)
    }
  }
  return {
    stage(next) {
      finish()
      title = next
      stageStarted = now()
      first = undefined
      lastDrawn = 0
      if (!out.isTTY) out.write(`  ....  ${next}\n`)
    },
    update(done, total, unit) {
      first ??= { done, at: now() }
      const elapsed = now() - first.at
      const rate = elapsed >= settledMs ? ((done - first.done) / elapsed) * 1000 : 0
      const pace =
        rate > 0 ? `, ${format(Math.round(rate))}/s, ${seconds(((total - done) / rate) * 1000)} left` : ''
      draw(done / Math.max(total, 1), `${format(done)}/${format(total)} ${unit}${pace}`)
    },
    fraction(done, doing) {
      draw(done, `${Math.round(done * 100)} % ${doing}`.trim())
    },
    note(text) {
      clear()
      out.write(`  note  ${text}\n`)
    },
    end: finish,
  }
}

function bar(fraction: number): string {
  const filled = Math.round(Math.min(1, fraction) * 20)
  return `${'█'.repeat(filled)}${'░'.repeat(20 - filled)}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function format(value: number): string {
  return value.toLocaleString('en-US')
}
