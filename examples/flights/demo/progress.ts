/** Says what is going on: one line that is redrawn on a terminal, now and then a plain line when piped. */
export interface Progress {
  /** A stage begins; the previous one ends. */
  stage(title: string): void
  /** How far the stage is. */
  update(done: number, total: number, unit: string): void
  /** Something worth a line of its own. */
  note(text: string): void
  end(): void
}

const plainIntervalMs = 5000

export function createProgress(out: NodeJS.WriteStream, now: () => number = Date.now): Progress {
  let title = ''
  let stageStarted = now()
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
  return {
    stage(next) {
      finish()
      title = next
      stageStarted = now()
      lastDrawn = 0
      if (!out.isTTY) out.write(`  ....  ${next}\n`)
    },
    update(done, total, unit) {
      const interval = out.isTTY ? 100 : plainIntervalMs
      if (now() - lastDrawn < interval && done < total) return
      lastDrawn = now()
      const elapsed = now() - stageStarted
      const rate = elapsed > 0 ? (done / elapsed) * 1000 : 0
      const left = rate > 0 && done < total ? `, ${seconds(((total - done) / rate) * 1000)} left` : ''
      const amount = `${format(done)}/${format(total)} ${unit}, ${format(Math.round(rate))}/s${left}`
      if (out.isTTY) {
        clear()
        out.write(`  ${bar(done / Math.max(total, 1))} ${title}: ${amount}`.slice(0, (out.columns ?? 80) - 1))
        shown = true
      } else if (done < total) {
        out.write(`  ....  ${title}: ${amount}\n`)
      }
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
