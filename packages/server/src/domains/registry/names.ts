import { fail } from '@millrace/protocol'

/**
 * Model names stay readable in `name/version`, `name@alias` and `models:/name/1`.
 * @throws `model.name_invalid`
 */
export function checkModelName(name: string): void {
  const reason =
    name.trim() === ''
      ? 'it is empty'
      : name.length > 256
        ? 'it is longer than 256 characters'
        : /[/:\p{Cc}]/u.test(name) || !name.isWellFormed()
          ? '"/", ":" and control characters are not accepted'
          : name === '.' || name === '..'
            ? 'it reads like a folder'
            : undefined
  if (reason) throw fail('model.name_invalid', { what: 'Model name', name, reason })
}

/**
 * Aliases are words that cannot be taken for a version.
 * @throws `model.name_invalid`
 */
export function checkAlias(alias: string): void {
  const reason = !/^[\p{L}\p{N}_-]{1,255}$/u.test(alias)
    ? 'it must be 1 to 255 letters, digits, "_" or "-"'
    : /^(latest|v\d+)$/i.test(alias)
      ? 'it reads like a version'
      : undefined
  if (reason) throw fail('model.name_invalid', { what: 'Alias', name: alias, reason })
}

/**
 * Takes `name@alias` or `name/version` apart.
 * @throws `model.name_invalid`
 */
export function parseReference(
  text: string,
): { model: string; alias: string } | { model: string; version: number } {
  const [, model, mark, rest] = /^([^/]+)([/@])([^/@]+)$/.exec(text) ?? []
  if (mark === '@') {
    checkAlias(rest)
    return { model, alias: rest }
  }
  if (mark === '/' && /^[1-9]\d{0,8}$/.test(rest)) return { model, version: Number(rest) }
  throw fail('model.name_invalid', {
    what: 'Model reference',
    name: text,
    reason: 'expected "name@alias" or "name/version", e.g. "churn@champion" or "churn/3"',
  })
}
