import { expect, test } from 'vitest'
import { nextTime, timesBetween, whyNotCron } from './cron.ts'

const utc = { timezone: 'UTC' }
const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString())

test('times are local, and come once over both changes of the clocks', () => {
  const berlin = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }
  const between = (from: string, until: string) =>
    timesBetween(berlin, { after: Date.parse(from), until: Date.parse(until), limit: 10 }).map(iso)
  // 02:30 does not exist on 29 March 2026, and exists twice on 25 October.
  expect(between('2026-03-28T00:00Z', '2026-03-31T00:00Z')).toEqual([
    '2026-03-28T01:30:00.000Z',
    '2026-03-29T01:00:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ])
  expect(between('2026-10-24T00:00Z', '2026-10-27T00:00Z')).toEqual([
    '2026-10-24T00:30:00.000Z',
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ])
})

test('times are after the first and up to the second, and the newest ones where there are many', () => {
  const hourly = { cron: '0 * * * *', ...utc }
  const [after, until] = [Date.UTC(2026, 0, 1, 0), Date.UTC(2026, 0, 1, 3)]
  expect(timesBetween(hourly, { after, until, limit: 10 }).map((at) => new Date(at).getUTCHours())).toEqual([
    1, 2, 3,
  ])
  expect(timesBetween(hourly, { after, until, limit: 2 }).map((at) => new Date(at).getUTCHours())).toEqual([
    2, 3,
  ])
  expect(iso(nextTime(hourly, after))).toBe('2026-01-01T01:00:00.000Z')
})

test.each([
  [{ cron: '* * * * * *', ...utc }, 'no cron expression of five fields'],
  [{ cron: '61 * * * *', ...utc }, 'Invalid value for minute: 61'],
  [{ cron: 'every day', ...utc }, 'no cron expression of five fields'],
  [{ cron: '0 0 30 2 *', ...utc }, 'never comes'],
  [{ cron: '0 0 * * *', timezone: 'Mars/Olympus' }, 'there is no time zone "Mars/Olympus"'],
])('what cannot be understood is refused: %j', (times, reason) => {
  expect(whyNotCron(times)).toContain(reason)
})

test('cron expressions are accepted', () => {
  for (const cron of ['0 3 * * 0', '*/15 8-18 * * MON-FRI', '0 0 1,15 * *'])
    expect(whyNotCron({ cron, ...utc })).toBeUndefined()
})
