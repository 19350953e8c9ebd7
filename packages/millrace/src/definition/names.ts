const name = /^[a-zA-Z][a-zA-Z0-9_-]{0,127}$/
const column = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

/** @throws TypeError if a definition's name cannot be a path segment, a metric label or a shell argument. */
export function checkName(kind: string, value: string): void {
  if (typeof value === 'string' && name.test(value)) return
  throw new TypeError(
    `${kind} ${JSON.stringify(value)}: a name begins with a letter and has letters, digits, _ and - only (128 at most)`,
  )
}

/** @throws TypeError if a name of a column, feature or parameter is not an identifier. */
export function checkColumnNames(owner: string, names: readonly string[]): void {
  const wrong = names.find((value) => !column.test(value))
  if (wrong !== undefined) {
    throw new TypeError(
      `${owner}: "${wrong}" cannot be a column name; use letters, digits and _, not beginning with a digit`,
    )
  }
}
