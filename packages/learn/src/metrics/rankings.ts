/** Rows of one query that have the same score: their order is not known. */
export interface TieBlock {
  readonly rows: number
  /** Rows with a relevance above 0. */
  readonly relevant: number
  readonly relevances: Float64Array
}

interface Ranking {
  readonly members: readonly number[]
  /** From the highest score to the lowest. */
  readonly blocks: readonly TieBlock[]
}

interface RankingRows {
  readonly queries?: ArrayLike<string | number>
}

const check = (relevance: ArrayLike<number>, scores: ArrayLike<number>, { queries }: RankingRows): void => {
  const rows = relevance.length
  if (rows === 0) throw new RangeError('a metric needs at least one row')
  for (const [what, length] of [
    ['scores', scores.length],
    ['queries', queries?.length ?? rows],
  ] as const)
    if (length !== rows)
      throw new RangeError(`there are ${length} ${what} for ${rows} rows; they must be equal`)
  for (let row = 0; row < rows; row += 1) {
    if (!(relevance[row] >= 0 && relevance[row] < Infinity))
      throw new RangeError(`relevance must be finite and >= 0; row ${row} has ${relevance[row]}`)
    if (Number.isNaN(scores[row])) throw new RangeError(`row ${row} is scored NaN; expected a number`)
  }
}

const rowsByQuery = (rows: number, queries: RankingRows['queries']): Iterable<number[]> => {
  if (!queries) return [Array.from({ length: rows }, (_, row) => row)]
  const found = new Map<string | number, number[]>()
  for (let row = 0; row < rows; row += 1) {
    const members = found.get(queries[row])
    if (members) members.push(row)
    else found.set(queries[row], [row])
  }
  return found.values()
}

/** The rows of each query in blocks of equal score. Throws a RangeError that names the first bad row. */
export const toRankings = (
  relevance: ArrayLike<number>,
  scores: ArrayLike<number>,
  rows: RankingRows,
): Ranking[] => {
  check(relevance, scores, rows)
  return Array.from(rowsByQuery(relevance.length, rows.queries), (members) => {
    members.sort((a, b) => (scores[b] > scores[a] ? 1 : scores[b] < scores[a] ? -1 : 0))
    const blocks: TieBlock[] = []
    for (let begin = 0; begin < members.length; ) {
      let end = begin + 1
      while (end < members.length && scores[members[end]] === scores[members[begin]]) end += 1
      const relevances = Float64Array.from(members.slice(begin, end), (row) => relevance[row])
      blocks.push({ rows: end - begin, relevant: relevances.filter((value) => value > 0).length, relevances })
      begin = end
    }
    return { members, blocks }
  })
}

/** Throws a RangeError for rows of one query that differ in weight. */
export const checkQueryWeights = (rankings: readonly Ranking[], weights: ArrayLike<number>): void => {
  for (const { members } of rankings) {
    const [first] = members
    const other = members.find((row) => weights[row] !== weights[first])
    if (other !== undefined)
      throw new RangeError(
        `the rows of a query must have one weight; row ${other} has ${weights[other]}, row ${first} ${weights[first]}`,
      )
  }
}
