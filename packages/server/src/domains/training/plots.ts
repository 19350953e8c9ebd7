const font = 'font-family="system-ui, sans-serif" font-size="12"'

/** Horizontal bars, the first on top, as an SVG document. Values are >= 0. */
export function barChart(title: string, bars: readonly { name: string; value: number }[]): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const height = 40 + bars.length * 24
  const rows = bars.map(({ name, value }, i) => {
    const y = 36 + i * 24
    const width = round((value / most) * 320)
    return [
      `<text x="190" y="${y + 13}" text-anchor="end">${escapeText(name.slice(0, 28))}</text>`,
      `<rect x="200" y="${y}" width="${width}" height="18" fill="#3b6ea5"/>`,
      `<text x="${206 + width}" y="${y + 13}">${value.toPrecision(3)}</text>`,
    ].join('')
  })
  return svg({ width: 600, height, title }, rows)
}

export interface ReliabilityPoint {
  readonly count: number
  readonly meanPredicted: number
  readonly observedRate: number
}

/** Observed rate by mean prediction, the area of a point growing with its rows, against the diagonal. */
export function calibrationChart(title: string, points: readonly ReliabilityPoint[]): string {
  const total = points.reduce((sum, { count }) => sum + count, 0)
  const x = (share: number) => round(60 + share * 360)
  const y = (share: number) => round(400 - share * 360)
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (at) =>
      `<text x="${x(at)}" y="418" text-anchor="middle">${at}</text><text x="52" y="${y(at) + 4}" text-anchor="end">${at}</text>`,
  )
  const line = points.map((p) => `${x(p.meanPredicted)},${y(p.observedRate)}`).join(' ')
  const dots = points.map((p) => {
    const radius = round(3 + 9 * Math.sqrt(p.count / total))
    const text = `${p.count} rows: predicted ${p.meanPredicted.toPrecision(3)}, observed ${p.observedRate.toPrecision(3)}`
    return `<circle cx="${x(p.meanPredicted)}" cy="${y(p.observedRate)}" r="${radius}" fill="#3b6ea5" fill-opacity="0.6"><title>${text}</title></circle>`
  })
  return svg({ width: 460, height: 450, title }, [
    `<rect x="60" y="40" width="360" height="360" fill="none" stroke="#999"/>`,
    `<line x1="60" y1="400" x2="420" y2="40" stroke="#999" stroke-dasharray="4"/>`,
    ...ticks,
    `<text x="240" y="440" text-anchor="middle">mean prediction</text>`,
    `<text transform="translate(16 220) rotate(-90)" text-anchor="middle">observed rate</text>`,
    `<polyline points="${line}" fill="none" stroke="#3b6ea5"/>`,
    ...dots,
  ])
}

function svg(frame: { width: number; height: number; title: string }, content: readonly string[]): string {
  const { width, height, title } = frame
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${font}>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${width / 2}" y="20" text-anchor="middle" font-weight="bold">${escapeText(title)}</text>`,
    ...content,
    '</svg>\n',
  ].join('\n')
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
