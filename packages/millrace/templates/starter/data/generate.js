import { writeFileSync } from 'node:fs'

const couriers = 20
const days = 60
const perDay = 200
const start = Date.UTC(2025, 0, 1)

/** Writes 60 days of deliveries; the same rows every time. Replace the file by your own data. */
export function generate(path) {
  const random = createRandom(7)
  const lines = ['ordered_at,courier,distance_km,minutes']
  for (let day = 0; day < days; day++) {
    const times = Array.from(
      { length: perDay },
      () => start + (day + 0.3 + random() * 0.6) * 86_400_000,
    ).sort()
    for (const time of times) {
      const at = new Date(Math.floor(time / 1000) * 1000)
      const courier = Math.floor(random() * couriers)
      const distance = 1 + random() * 11
      const rush = at.getUTCHours() >= 17 && at.getUTCHours() < 20 ? 9 : 0
      // Each courier has slow weeks and fast ones: this is what the features can see.
      const pace = 9 * Math.sin(day / 5 + courier * 2.4)
      const minutes = Math.round(18 + 2.2 * distance + rush + pace + (random() - 0.5) * 16)
      const text = at.toISOString().slice(0, 19).replace('T', ' ')
      lines.push(`${text},courier-${courier + 1},${distance.toFixed(1)},${Math.max(5, minutes)}`)
    }
  }
  writeFileSync(path, `${lines.join('\n')}\n`)
}

function createRandom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
