/** Returns the value; throws a RangeError that names it unless it is an integer from `low` to `high`. */
export const checkInteger = (name: string, value: number, [low, high]: readonly [number, number]): number => {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RangeError(`${name} must be an integer from ${low} to ${high}, not ${value}`)
  return value
}
