/** Rows in the order of a key, page by page: `list` is asked for those after the last row of the page before. */
export async function* pagesOf<Row>(
  size: number,
  list: (after: Row | undefined, size: number) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let after: Row | undefined
  for (;;) {
    const rows = await list(after, size)
    if (rows.length > 0) yield rows
    if (rows.length < size) return
    after = rows[rows.length - 1]
  }
}
