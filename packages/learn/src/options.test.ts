import { describe, expect, it } from 'vitest'
import {
  choiceOption,
  flagOption,
  integerOption,
  makeSpec,
  numberOption,
  type OptionRules,
  resolveOptions,
  textOption,
} from './options.ts'

interface Options {
  readonly share: number
  readonly count: number
  readonly exact: boolean
  readonly mode: 'a' | 'b' | null
  readonly column: string
}
const rules: OptionRules<Options> = {
  share: numberOption(0.5, { above: 0, max: 1 }),
  count: integerOption(3, 1, 9),
  exact: flagOption(false),
  mode: choiceOption('a', ['a', 'b', null]),
  column: textOption('x'),
}
const defaults: Options = { share: 0.5, count: 3, exact: false, mode: 'a', column: 'x' }

describe('resolveOptions', () => {
  it('gives defaults where nothing was given', () => {
    expect(resolveOptions('thing', rules, {})).toEqual(defaults)
    expect(resolveOptions('thing', rules, { share: undefined, mode: null })).toEqual({
      ...defaults,
      mode: null,
    })
  })

  it.each([
    [{ share: 0 }, "thing's share must be a finite number > 0 and <= 1, not 0"],
    [{ share: Number.NaN }, 'not NaN'],
    [{ share: '1' }, "not '1'"],
    [{ share: null }, 'not null'],
    [{ count: 1.5 }, "thing's count must be an integer from 1 to 9, not 1.5"],
    [{ exact: 1 }, "thing's exact must be true or false, not 1"],
    [{ mode: 'c' }, "thing's mode must be 'a' or 'b' or null, not 'c'"],
    [{ column: '' }, "thing's column must be a text that is not empty, not ''"],
    [{ Share: 1 }, "thing has no option 'Share'; it has share, count, exact, mode, column"],
    [{ toString: 1 }, "thing has no option 'toString'"],
  ])('refuses %j', (given, message) => {
    expect(() => resolveOptions('thing', rules, given)).toThrow(message)
  })
})

describe('makeSpec', () => {
  it('keeps what was given, as plain data', () => {
    const spec = makeSpec('thing', rules, { count: 4, share: undefined })
    expect(spec).toStrictEqual({ kind: 'thing', options: { count: 4 } })
    expect(() => makeSpec('thing', rules, { count: 10 })).toThrow(RangeError)
  })
})
