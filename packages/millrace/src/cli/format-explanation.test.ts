import { expect, it } from 'vitest'
import { formatExplanation } from './format-explanation.ts'

it('draws contributions to scale, with their sign, and says what was left out', () => {
  const contributions = [
    { feature: 'distance_km', value: 8.5, contribution: 6.25 },
    { feature: 'courier', value: 'c-3', contribution: -3.125 },
    { feature: 'hour', value: null, contribution: 0 },
  ]
  const text = formatExplanation({
    link: 'identity',
    scores: [{ base: 24, score: 27.13456, contributions, others: 0.00956 }],
  })
  expect(text).toBe(`
value: 27.13, of which 24 for no row in particular
  distance_km  8.5           +6.25  ${'█'.repeat(24)}
  courier      c-3          -3.125  ${'▒'.repeat(12)}
  hour         (missing)         0
  others                  +0.00956
`)
})

it.each([
  ['identity', 'probability of 1'],
  ['logistic', 'log-odds of 1'],
  ['softmax', 'score of 1'],
] as const)('says what a score is: %s', (link, name) => {
  const score = {
    label: 1,
    base: 0,
    score: 0,
    contributions: [{ feature: 'a', value: true, contribution: 0 }],
  }
  expect(formatExplanation({ link, scores: [score, score] })).toBe(
    `\n${name}: 0, of which 0 for no row in particular\n  a  true  0\n`.repeat(2),
  )
})
