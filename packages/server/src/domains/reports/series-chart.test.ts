import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatNumber, renderSeries } from './series-chart.ts'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })

describe('renderSeries', () => {
  it('draws whatever was measured with finite coordinates', () => {
    const part = fc.option(fc.tuple(finite, finite, finite)).map((values) => {
      const [min, mean, max] = values?.toSorted((a, b) => a - b) ?? [null, null, null]
      return { min, mean, max }
    })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 20 }), fc.integer(), (values, first) => {
        const parts = values.map((value, i) => ({ from: first + i, to: first + i, ...value }))
        expect(renderSeries('loss', parts)).not.toMatch(/NaN|Infinity|undefined|null/)
      }),
    )
  })

  it('leaves gaps where nothing finite was measured', () => {
    const value = { min: 1, mean: 1, max: 1 }
    const nothing = { min: null, mean: null, max: null }
    const svg = renderSeries(
      'loss',
      [value, value, nothing, value].map((one, i) => ({ from: i, to: i, ...one })),
    )
    expect(svg.match(/class="line a"/g)).toHaveLength(2)
    expect(svg.match(/class="dot"/g)).toHaveLength(1)
    expect(renderSeries('loss', [{ from: 0, to: 0, ...nothing }])).toContain('No finite value')
  })

  it('escapes the name of the metric', () => {
    expect(renderSeries('<b>"', [{ from: 0, to: 0, min: 1, mean: 1, max: 1 }])).not.toContain('<b>')
  })
})

describe('formatNumber', () => {
  it('shows what a reader compares', () => {
    expect([0.1 + 0.2, 12, 1e-7, Number.NaN, -Infinity].map(formatNumber)).toEqual([
      '0.3',
      '12',
      '1e-7',
      'NaN',
      '-Infinity',
    ])
  })
})
