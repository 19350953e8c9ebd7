/** Messages of V8's own TypeErrors and RangeErrors. */
const ofEngine =
  /^Cannot (read|set) properties of|^Cannot destructure|^Cannot convert (undefined or null|a BigInt)|^Cannot mix BigInt|^Invalid (typed )?array length|^Maximum call stack|^Assignment to constant| is not (a function|a constructor|iterable|defined)\b/

/**
 * Whether an error says that options, data or a model are not what learn takes. Learn has no class of errors of its own
 * for that, but throws RangeErrors and TypeErrors, as V8 does for a bug of ours; only the message tells them apart, and
 * a bug told as a refusal would send users looking for a mistake of their own.
 */
export function isRefusal(error: unknown): error is RangeError | TypeError {
  return (error instanceof RangeError || error instanceof TypeError) && !isBug(error)
}

/** Whether V8 itself threw the error. */
export function isBug(error: unknown): boolean {
  if (error instanceof ReferenceError) return true
  return (error instanceof RangeError || error instanceof TypeError) && ofEngine.test(error.message)
}
