import { describe, expect, it } from 'vitest'
import { parseCommandLine } from './command-line.ts'

const topics = ['point-in-time', 'predict-http']
const parse = (...args: string[]) => parseCommandLine(args, topics)

describe('command line of the benchmarks', () => {
  it('lists the topics when none is named', () => {
    expect(parse()).toEqual({ kind: 'list' })
  })

  it('runs topics once each, in the order given', () => {
    expect(parse('predict-http', 'point-in-time', 'predict-http')).toEqual({
      kind: 'run',
      topics: ['predict-http', 'point-in-time'],
      only: undefined,
    })
  })

  it('takes one case of a topic', () => {
    expect(parse('point-in-time', '--case', 'a')).toMatchObject({ topics: ['point-in-time'], only: 'a' })
  })

  it('prefers help to everything else', () => {
    expect(parse('no-such-topic', '--help')).toEqual({ kind: 'help' })
    expect(parse('-h')).toEqual({ kind: 'help' })
  })

  it.each([
    [['predict'], 'There is no topic "predict"; topics are: point-in-time, predict-http'],
    [['predict-http', '--fast'], 'There is no option --fast; see --help'],
    [['predict-http', '--case'], '--case needs the name of a case'],
    [['--case', 'a'], '--case needs a topic'],
  ])('refuses %j', (args, message) => {
    expect(parse(...args)).toEqual({ kind: 'wrong', message })
  })
})
