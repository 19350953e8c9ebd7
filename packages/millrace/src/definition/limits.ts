import { toWire } from './expectation.ts'

/** Both ends are included unless they are strict; at least one is given. */
export interface Limits<Value = number> {
  min?: Value
  max?: Value
  strictMin?: boolean
  strictMax?: boolean
}

/** Limits as kwargs. @throws TypeError without an end, or with the minimum above the maximum */
export function limits<Value>(
  what: string,
  { min, max, strictMin, strictMax }: Limits<Value>,
): { min_value?: number; max_value?: number; strict_min?: boolean; strict_max?: boolean } {
  const [low, high] = [toWire(min), toWire(max)] as (number | undefined)[]
  if (low === undefined && high === undefined)
    throw new TypeError(`${what}: give a minimum, a maximum or both`)
  if (low !== undefined && high !== undefined && low > high)
    throw new TypeError(`${what}: the minimum ${low} is above the maximum ${high}`)
  return {
    ...(low !== undefined && { min_value: low }),
    ...(high !== undefined && { max_value: high }),
    ...(strictMin && { strict_min: true }),
    ...(strictMax && { strict_max: true }),
  }
}
