import { expect, test } from 'vitest'
import { nearNames } from './near-names.ts'

const names = ['late_flights', 'late-flights', 'flights', 'airport_delays', 'calendar', 'x']

test.each([
  ['late-flight', ['late-flights', 'late_flights']],
  ['Calender', ['calendar']],
  ['delays', ['airport_delays']],
  ['weather', []],
  ['y', ['x']],
])('%s is near %o', (wanted, near) => {
  expect(nearNames(wanted, names)).toEqual(near)
})
