const mostNames = 3

/** Those of the names that one may have meant, the nearest first. */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const word = wanted.toLowerCase()
  // One slip in three letters is still a slip.
  const limit = Math.max(1, Math.floor(word.length / 3))
  const near: { name: string; distance: number }[] = []
  for (const name of new Set(names)) {
    const other = name.toLowerCase()
    const distance = editDistance(word, other, limit)
    if (distance <= limit) near.push({ name, distance })
    else if (word.length >= 3 && (other.includes(word) || word.includes(other)))
      near.push({ name, distance: limit + 1 })
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return near.slice(0, mostNames).map(({ name }) => name)
}

/** Levenshtein distance; more than `limit` if it is more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, before[j] + 1, row[j - 1] + 1))
    }
    if (Math.min(...row) > limit) return limit + 1
    before = row
  }
  return before[b.length]
}
