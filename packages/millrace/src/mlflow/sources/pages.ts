/** Points that are held in memory, sent and compared at once. */
export const pointsPerPage = 5000

export function* pagesOf<Item>(items: Iterable<Item>, size = pointsPerPage): IterableIterator<Item[]> {
  let page: Item[] = []
  for (const item of items) {
    page.push(item)
    if (page.length < size) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
