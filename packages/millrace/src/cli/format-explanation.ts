import type { Explanation, ScoreExplanation } from '@millrace/client'

const barWidth = 24

/** An explanation as text: for each score the base, a signed bar for each contribution, and the sum. */
export function formatExplanation({ link, scores }: Explanation): string {
  // One scale for all scores, so that their bars can be compared.
  const largest = Math.max(
    ...scores.flatMap(({ contributions }) => contributions.map(({ contribution }) => Math.abs(contribution))),
  )
  return scores.map((score) => formatScore(score, names[link], largest)).join('')
}

const names: Record<Explanation['link'], (label: string | undefined) => string> = {
  identity: (label) => (label === undefined ? 'value' : `probability of ${label}`),
  logistic: (label) => `log-odds of ${label}`,
  softmax: (label) => `score of ${label}`,
  exp: () => 'logarithm of the value',
}

function formatScore(
  { label, base, score, contributions, others }: ScoreExplanation,
  nameOf: (label: string | undefined) => string,
  largest: number,
): string {
  const name = nameOf(label === undefined ? undefined : String(label))
  const rows = contributions.map(({ feature, value, contribution }) => [
    feature,
    value === null ? '(missing)' : String(value),
    formatSigned(contribution),
    bar(contribution, largest),
  ])
  if (others !== undefined) rows.push(['others', '', formatSigned(others), ''])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map(([feature = '', value = '', contribution = '', drawn = '']) => {
    const [first = 0, second = 0, third = 0] = widths
    const cells = [feature.padEnd(first), value.padEnd(second), contribution.padStart(third), drawn]
    return `  ${cells.join('  ').trimEnd()}\n`
  })
  return `\n${name}: ${formatNumber(score)}, of which ${formatNumber(base)} for no row in particular\n${lines.join('')}`
}

/** Up to four digits that count, never as a power of ten unless it is tiny or huge. */
function formatNumber(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function formatSigned(value: number): string {
  const text = formatNumber(value)
  return value < 0 || text === '0' ? text : `+${text}`
}

function bar(value: number, largest: number): string {
  const cells = largest === 0 ? 0 : Math.round((Math.abs(value) / largest) * barWidth)
  return (value < 0 ? '▒' : '█').repeat(cells)
}
