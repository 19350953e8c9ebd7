/** Throws a RangeError unless it is a list of texts. */
export const checkTexts = (what: string, texts: unknown): void => {
  if (!(Array.isArray(texts) && texts.every((text) => typeof text === 'string')))
    throw new RangeError(`a transformer's ${what} must be a list of texts`)
}

/** Throws a RangeError unless the names of a transformer's columns are a list of texts, of at least one. */
export const checkColumns = (columns: unknown): void => {
  checkTexts('columns', columns)
  if (Array.isArray(columns) && columns.length === 0) throw new RangeError('a transformer needs a column')
}
