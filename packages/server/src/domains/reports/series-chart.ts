import { escapeHtml } from '../../kernel/html.ts'

/** A part of a series: its steps and what the values in it were. */
interface Part {
  from: number
  to: number
  min: number | null
  max: number | null
  mean: number | null
}

const width = 460
const height = 150
const margin = { left: 58, right: 8, top: 8, bottom: 20 }

/** Mean of each part as a line, least to greatest as a band. Parts without a finite value are gaps. */
export function renderSeries(title: string, parts: readonly Part[]): string {
  const drawn = parts.filter(isDrawn)
  const head = `<h3>${escapeHtml(title)}</h3>`
  if (drawn.length === 0) return `<figure>${head}<p>No finite value.</p></figure>`
  const [low, high] = roomy(Math.min(...drawn.map((p) => p.min)), Math.max(...drawn.map((p) => p.max)))
  const first = parts[0].from
  const last = parts[parts.length - 1].to
  const x = (step: number) =>
    round(margin.left + ((step - first) / (last - first || 1)) * (width - margin.left - margin.right))
  // By halves: the difference of the largest numbers is not a number any more.
  const y = (value: number) =>
    round(
      margin.top + ((high / 2 - value / 2) / (high / 2 - low / 2)) * (height - margin.top - margin.bottom),
    )
  const middle = (part: Part) => x((part.from + part.to) / 2)
  const shapes = runsOf(parts).map((run) => {
    const band = [
      ...run.map((p) => `${middle(p)},${y(p.max)}`),
      ...run.toReversed().map((p) => `${middle(p)},${y(p.min)}`),
    ].join(' ')
    const line = run.map((p, i) => `${i === 0 ? 'M' : 'L'}${middle(p)} ${y(p.mean)}`).join('')
    const dot =
      run.length === 1 ? `<circle class="dot" cx="${middle(run[0])}" cy="${y(run[0].mean)}" r="2.5"/>` : ''
    return `<polygon class="band" points="${band}"/><path class="line a" d="${line}"/>${dot}`
  })
  return `<figure>${head}<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">
${[low, low / 2 + high / 2, high].map((value) => gridLine(value, y(value))).join('')}
${shapes.join('')}
<text x="${x(first)}" y="${height - 4}">${first}</text>
<text x="${width - margin.right}" y="${height - 4}" text-anchor="end">step ${last}</text></svg></figure>`
}

interface DrawnPart extends Part {
  min: number
  max: number
  mean: number
}

function isDrawn(part: Part): part is DrawnPart {
  return part.min !== null && part.max !== null && part.mean !== null
}

/** Neighbours that have values. */
function runsOf(parts: readonly Part[]): DrawnPart[][] {
  const runs: DrawnPart[][] = [[]]
  for (const part of parts) {
    if (isDrawn(part)) runs[runs.length - 1].push(part)
    else if (runs[runs.length - 1].length > 0) runs.push([])
  }
  return runs.filter((run) => run.length > 0)
}

function gridLine(value: number, y: number): string {
  const right = width - margin.right
  return `<line class="grid" x1="${margin.left}" x2="${right}" y1="${y}" y2="${y}"/><text x="${margin.left - 6}" y="${y + 4}" text-anchor="end">${axisNumber(value)}</text>`
}

/** Three digits; the largest numbers as they are, for rounding would lead beyond them. */
function axisNumber(value: number): number {
  const rounded = Number(value.toPrecision(3))
  return Number.isFinite(rounded) ? rounded : value
}

/** A little more than the values need; never empty, also where they are as large as numbers get. */
function roomy(min: number, max: number): [number, number] {
  const room = (max / 2 - min / 2) * 0.1 || Math.abs(max) * 0.05 || 1
  return [Math.max(min - room, -Number.MAX_VALUE), Math.min(max + room, Number.MAX_VALUE)]
}

/** Six digits, which is what a reader compares. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e9
    ? String(value)
    : String(Number(value.toPrecision(6)))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
