export const dayMilliseconds = 86_400_000

/** The parts of a date that `dateParts` knows, with their least value and, where they come round, their period. */
export const calendarParts = {
  year: { first: 0, period: null },
  month: { first: 1, period: 12 },
  day: { first: 1, period: 31 },
  dayOfWeek: { first: 0, period: 7 },
  dayOfYear: { first: 1, period: 366 },
  hour: { first: 0, period: 24 },
  minute: { first: 0, period: 60 },
  isWeekend: { first: 0, period: null },
} as const
export type CalendarPart = keyof typeof calendarParts

/** Arithmetic on whole numbers; numbers here, tensors in a graph. All numbers that are divided are >= 0. */
export interface Integers<T> {
  add(a: T, b: T | number): T
  subtract(a: T, b: T): T
  multiply(a: T, b: number): T
  /** Without the remainder. */
  divide(a: T, b: number): T
  remainder(a: T, b: number): T
  /** 1 or 0. */
  atLeast(a: T, b: number): T
  equals(a: T, b: number): T
}

// 700 eras of 400 years before 0000-03-01: earlier than any time that a Date can hold.
const eras = 700
const eraDays = 146_097

/**
 * The parts of a date from its day since 1970-01-01 and its milliseconds since midnight, in the Gregorian calendar
 * before its beginning, too. Years begin in March, as in Hinnant's "chrono-compatible low-level date algorithms".
 */
export const findParts = <T>(on: Integers<T>, day: T, milliseconds: T): Readonly<Record<CalendarPart, T>> => {
  const shifted = on.add(day, 719_468 + eras * eraDays)
  const era = on.divide(shifted, eraDays)
  const dayOfEra = on.remainder(shifted, eraDays)
  const leapDays = on.subtract(
    on.add(on.divide(dayOfEra, 1460), on.divide(dayOfEra, 146_096)),
    on.divide(dayOfEra, 36_524),
  )
  const yearOfEra = on.divide(on.subtract(dayOfEra, leapDays), 365)
  const daysBefore = on.subtract(
    on.add(on.multiply(yearOfEra, 365), on.divide(yearOfEra, 4)),
    on.divide(yearOfEra, 100),
  )
  const dayFromMarch = on.subtract(dayOfEra, daysBefore)
  const monthFromMarch = on.divide(on.add(on.multiply(dayFromMarch, 5), 2), 153)
  const daysToMonth = on.divide(on.add(on.multiply(monthFromMarch, 153), 2), 5)
  const isNextYear = on.atLeast(monthFromMarch, 10)
  const isLeap = on.add(
    on.subtract(on.equals(on.remainder(yearOfEra, 4), 0), on.equals(on.remainder(yearOfEra, 100), 0)),
    on.equals(yearOfEra, 0),
  )
  // The leap day is before March of its own year, the one in which a January or February ends is not meant.
  const leapBefore = on.atLeast(on.subtract(isLeap, isNextYear), 1)
  const fromJanuary = on.add(on.add(dayFromMarch, 60), leapBefore)
  const dayOfWeek = on.remainder(on.add(shifted, 2), 7)
  return {
    year: on.add(on.add(on.add(yearOfEra, on.multiply(era, 400)), isNextYear), -400 * eras),
    month: on.subtract(on.add(monthFromMarch, 3), on.multiply(isNextYear, 12)),
    day: on.add(on.subtract(dayFromMarch, daysToMonth), 1),
    dayOfWeek,
    dayOfYear: on.subtract(fromJanuary, on.multiply(isNextYear, 365)),
    hour: on.divide(milliseconds, 3_600_000),
    minute: on.remainder(on.divide(milliseconds, 60_000), 60),
    isWeekend: on.atLeast(dayOfWeek, 5),
  }
}
