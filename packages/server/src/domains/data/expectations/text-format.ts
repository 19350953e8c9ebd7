/** Letters and digits that stand for their kind in a shape. */
const kinds: Record<string, string> = { '9': '[0-9]', A: '[A-Z]', a: '[a-z]' }
/** Shapes that are longer are texts, not codes. */
const maxLength = 40

/**
 * The regular expression of a shape, if all given ones are the same: `AA-999` is `^[A-Z]{2}-[0-9]{3}$`. With `repeats`
 * each kind stands for one character or more. Undefined where there are several shapes, or there is no format in it.
 */
export function formatOf(
  shapes: readonly string[],
  { repeats = false }: { repeats?: boolean } = {},
): string | undefined {
  const [shape] = shapes
  if (shape === undefined || shapes.some((other) => other !== shape)) return undefined
  // Control characters and letters beyond ASCII are no part of a code.
  if (shape === '' || shape.length > maxLength || !/^[\x20-\x7e]+$/.test(shape)) return undefined
  const pieces = shape.match(/9+|A+|a+|[^9Aa]/g) ?? []
  // A kind alone, of any length, is a word or a number: that is said by its length.
  if (repeats && pieces.length === 1) return undefined
  const text = pieces.map((piece) => {
    const kind = kinds[piece[0]]
    if (kind === undefined) return piece.replace(/[\\^$.*+?()[\]{}|]/, '\\$&')
    if (repeats) return `${kind}+`
    return piece.length === 1 ? kind : `${kind}{${piece.length}}`
  })
  return `^${text.join('')}$`
}
