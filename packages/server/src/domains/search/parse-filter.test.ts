import { isPlatformError } from '@millrace/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { modelVersionVocabulary, registeredModelVocabulary } from '../registry/search/vocabulary.ts'
import { experimentVocabulary, loggedModelVocabulary, runVocabulary } from '../tracking/search/vocabulary.ts'
import type { Comparison, Field, Filter, Value } from './filter.ts'
import { parseOrder } from './order.ts'
import { parseFilter } from './parse-filter.ts'
import { printFilter, printOrder } from './print-filter.ts'
import { arbitraryFilter } from './testing/arbitrary-filter.ts'
import type { Vocabulary } from './vocabulary.ts'

const mlflow = (text: string, vocabulary: Vocabulary = runVocabulary) =>
  parseFilter(text, { vocabulary, dialect: 'mlflow' })
const native = (text: string, vocabulary: Vocabulary = runVocabulary) =>
  parseFilter(text, { vocabulary, dialect: 'native' })

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (isPlatformError(error) && error.code === 'search.invalid') return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

const is = (kind: Field['kind'], key: string, operator: Comparison['operator'], value: Value) => ({
  kind: 'comparison',
  field: { kind, key },
  operator,
  value,
})

describe('the mlflow dialect accepts', () => {
  it.each([
    ['metrics.a > 1', is('metric', 'a', '>', 1)],
    ['metric.a >= -1.5', is('metric', 'a', '>=', -1.5)],
    ['metric.a > 1e-3', is('metric', 'a', '>', 0.001)],
    ['metric.a = .5', is('metric', 'a', '=', 0.5)],
    ['metric.a = 5.', is('metric', 'a', '=', 5)],
    ['metric.a <> 1', is('metric', 'a', '!=', 1)],
    ['metrics.`a b` > 1', is('metric', 'a b', '>', 1)],
    ['metrics."a b" > 1', is('metric', 'a b', '>', 1)],
    ['`metrics`.a > 1', is('metric', 'a', '>', 1)],
    ['metrics.a.b > 1', is('metric', 'a.b', '>', 1)],
    ['metrics.1a > 1', is('metric', '1a', '>', 1)],
    ['metrics.min > 1', is('metric', 'min', '>', 1)],
    [`params.a = 'it''s'`, is('parameter', 'a', '=', "it''s")],
    [`params.a = "it's"`, is('parameter', 'a', '=', "it's")],
    [`params.a ilike '%x'`, is('parameter', 'a', 'ILIKE', '%x')],
    [`parameters.class = ''`, is('parameter', 'class', '=', '')],
    [`tags.é = 'x'`, is('tag', 'é', '=', 'x')],
    [`tag.mlflow.source.name LIKE '%.py'`, is('tag', 'mlflow.source.name', 'LIKE', '%.py')],
    ['tags.`a`.b = "x"', is('tag', '`a`.b', '=', 'x')],
    [`attr.run_name = 'x'`, is('attribute', 'run_name', '=', 'x')],
    [`run.status != 'x'`, is('attribute', 'status', '!=', 'x')],
    ['`run name` = "x"', is('attribute', 'run_name', '=', 'x')],
    [`"Run Name" = 'x'`, is('attribute', 'run_name', '=', 'x')],
    ['created > 1', is('attribute', 'start_time', '>', 1)],
    ['start_time > 1.5 AND', is('attribute', 'start_time', '>', 1.5)],
    ['and metrics.a>1', is('metric', 'a', '>', 1)],
    ['tags.a is null', { kind: 'null', field: { kind: 'tag', key: 'a' }, negated: false }],
    ['params.a IS NOT NULL', { kind: 'null', field: { kind: 'parameter', key: 'a' }, negated: true }],
    [
      `run_id in ('a', "B",)`,
      { kind: 'in', field: { kind: 'attribute', key: 'run_id' }, negated: false, values: ['a', 'B'] },
    ],
    [
      `datasets.context NOT IN ('a')`,
      { kind: 'in', field: { kind: 'dataset', key: 'context' }, negated: true, values: ['a'] },
    ],
  ])('%s', (text, expected) => expect(mlflow(text)).toEqual(expected))

  it('conditions joined by AND, in any case', () => {
    expect(mlflow(`metrics.a > 1 AND\nparams.b = 'x' and tags.c LIKE 'y'`)).toEqual({
      kind: 'and',
      operands: [is('metric', 'a', '>', 1), is('parameter', 'b', '=', 'x'), is('tag', 'c', 'LIKE', 'y')],
    })
    expect(mlflow('')).toBeUndefined()
    expect(mlflow(' \n')).toBeUndefined()
  })

  it('what is special to the other things', () => {
    expect(mlflow(`tag.a IS NULL AND name LIKE 'x%'`, experimentVocabulary)).toMatchObject({ kind: 'and' })
    expect(mlflow(`experiment_id = '7'`, experimentVocabulary)).toEqual(
      is('attribute', 'experiment_id', '=', 7),
    )
    expect(mlflow(`version_number = '3'`, modelVersionVocabulary)).toEqual(
      is('attribute', 'version_number', '=', 3),
    )
    expect(mlflow(`run_id IN ('a','b')`, modelVersionVocabulary)).toMatchObject({ kind: 'in' })
    expect(mlflow(`tag.a != 'b'`, registeredModelVocabulary)).toEqual(is('tag', 'a', '!=', 'b'))
    expect(mlflow(`params.a IN ('1') AND tags.b = 1`, loggedModelVocabulary)).toMatchObject({ kind: 'and' })
    expect(mlflow('creation_time > 5', loggedModelVocabulary)).toEqual(
      is('attribute', 'creation_timestamp', '>', 5),
    )
  })
})

describe('the mlflow dialect refuses, in MLflow’s words,', () => {
  it.each([
    ['metrics.a > 1 OR metrics.b > 2', "Invalid clause(s) in filter string: 'OR'"],
    ['(metrics.a > 1)', "Invalid clause(s) in filter string: '(metrics.a > 1)'"],
    [
      `metrics.a > 1 AND (params.b = 'x' OR tags.c = 'y')`,
      "Invalid clause(s) in filter string: '(params.b = 'x' OR tags.c = 'y')'",
    ],
    ['metrics.a BETWEEN 1 AND 2', "Invalid clause(s) in filter string: 'metrics.a', 'BETWEEN', '1', '2'"],
    ["NOT params.a = 'x'", "Invalid clause(s) in filter string: 'NOT'"],
    ['metrics.a >', "Invalid clause(s) in filter string: 'metrics.a', '>'"],
    ["params.a = 'x", 'Invalid clause(s) in filter string'],
    ["tags.a = 'a' -- c", 'Invalid clause(s) in filter string'],
    ['metrics.a-b > 1', 'Invalid clause(s) in filter string'],
    ['metrics.a > 1;', "Invalid clause(s) in filter string: ';'"],
    ["metrics.a > '1'", "Expected numeric value type for metric. Found '1'"],
    ["metrics.a LIKE 'x'", "Expected numeric value type for metric. Found 'x'"],
    ['metric.a = nan', 'Expected numeric value type for metric. Found nan'],
    ["start_time LIKE '1'", "Expected numeric value type for numeric attribute: start_time. Found '1'"],
    ['params.a = 1', "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1"],
    ["params.a in ('x')", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value ('x')"],
    ['params.a = x', 'Parameter value is either not quoted or unidentified quote types used'],
    ["params.a > '1'", "Invalid comparator '>' not one of"],
    ["tags.a NOT LIKE 'x'", "Invalid comparator 'NOT LIKE' not one of"],
    ["status > 'a'", "Invalid comparator '>' not one of"],
    [
      'metrics.a IS NULL',
      "IS NULL / IS NOT NULL is only supported for tags and params, not for 'metric' 'a'",
    ],
    ["bogus.a = 'x'", "Invalid entity type 'bogus'. Valid values are ['metric', 'parameter', 'tag'"],
    ["Metrics.a = 'x'", "Invalid entity type 'Metrics'. Valid values are"],
    ["bogus = 'x'", "Invalid attribute key 'bogus' specified. Valid keys are '{"],
    ["lifecycle_stage = 'x'", "Invalid attribute key 'lifecycle_stage' specified. Valid keys are '{"],
    ["status in ('x')", "Only ['run_id'] attributes support comparison with a list of quoted string values."],
    ['run_id in ()', 'While parsing a list in the query, expected a non-empty list of string values'],
    ["dataset.bogus = 'a'", "Invalid dataset key 'bogus' specified. Valid keys are '{"],
    ['dataset.name = 1', 'Expected a quoted string value for dataset attributes. Got value 1'],
  ])('%s', (text, message) => expect(refusal(() => mlflow(text))).toContain(message))

  it.each([
    [experimentVocabulary, "name = 'a' OR name = 'b'", 'Invalid clause(s) in filter string: OR'],
    [experimentVocabulary, "attr.name='x'", "Invalid entity type 'attr'. Valid entity types are"],
    [experimentVocabulary, 'name is null', "only supported for tags, not for attribute 'name'"],
    [registeredModelVocabulary, "description = 'x'", "Invalid attribute key 'description' specified."],
    [registeredModelVocabulary, 'tags.a IS NULL', "Invalid comparator 'IS NULL' not one of"],
    [modelVersionVocabulary, "status = 'x'", "Invalid attribute key 'status' specified."],
    [modelVersionVocabulary, "version_number = 'x'", 'Expected numeric value type for numeric attribute'],
    [loggedModelVocabulary, 'metric.a > 1', "Invalid entity type: 'metric'. Expected one of"],
    [
      loggedModelVocabulary,
      "name='a' OR name='b'",
      "Invalid filter string: \"name='a' OR name='b'\". Expected",
    ],
    [loggedModelVocabulary, "name > 'a'", "Invalid comparison operator for name: '>'. Expected one of"],
  ])('%# %s', (vocabulary, text, message) =>
    expect(refusal(() => mlflow(text, vocabulary))).toContain(message),
  )
})

describe('the native dialect', () => {
  it('has OR, NOT, parentheses, lists, ranges and IS NULL everywhere', () => {
    const text = `metrics.loss BETWEEN 0 AND 0.5 AND (tags.team IN ('a') OR NOT end_time IS NULL) OR status NOT LIKE 'F%'`
    expect(native(text)).toEqual({
      kind: 'or',
      operands: [
        {
          kind: 'and',
          operands: [
            { kind: 'between', field: { kind: 'metric', key: 'loss' }, low: 0, high: 0.5 },
            {
              kind: 'or',
              operands: [
                { kind: 'in', field: { kind: 'tag', key: 'team' }, negated: false, values: ['a'] },
                {
                  kind: 'not',
                  operand: { kind: 'null', field: { kind: 'attribute', key: 'end_time' }, negated: false },
                },
              ],
            },
          ],
        },
        { kind: 'not', operand: is('attribute', 'status', 'LIKE', 'F%') },
      ],
    })
  })

  it('says where a filter cannot be read', () => {
    expect(refusal(() => native('metrics.a > 1 metrics.b > 2'))).toContain('at character 15: "metrics.b > 2"')
    expect(refusal(() => native('(metrics.a > 1'))).toContain('ends too early')
    expect(refusal(() => native("metrics.a LIKE 'x'"))).toContain('Found')
  })

  it('bounds length, depth, conditions and values', () => {
    expect(refusal(() => native(`tags.a = '${'x'.repeat(300_000)}'`))).toContain('characters')
    expect(refusal(() => native(`${'('.repeat(40)}tags.a = 'x'${')'.repeat(40)}`))).toContain(
      'deeper than 32',
    )
    expect(refusal(() => native(`${'NOT '.repeat(100_000 / 2)}tags.a = 'x'`))).toContain('deeper than 32')
    expect(refusal(() => mlflow('metrics.a > 1 AND '.repeat(101)))).toContain('101 conditions')
    expect(refusal(() => native(`run_id IN (${"'a',".repeat(5001)}'b')`))).toContain('5002 values')
  })

  it('reads what it prints', () => {
    const key = fc.oneof(
      fc.constantFrom('a', 'a b', 'mlflow.source.name', 'x/y-z', '1', 'ü', ''),
      fc.string().filter((text) => !text.includes('`') || !text.includes('"')),
    )
    const text = fc.string({ unit: 'binary' })
    const number = fc.double({ noNaN: true }).map((value) => value + 0)
    const fields = fc.oneof(
      key.map((name) => ({ field: { kind: 'metric', key: name } as const, values: number })),
      key.map((name) => ({ field: { kind: 'tag', key: name } as const, values: text })),
      key.map((name) => ({ field: { kind: 'parameter', key: name } as const, values: text })),
      fc.constant({ field: { kind: 'attribute', key: 'end_time' } as const, values: number }),
      fc.constant({ field: { kind: 'attribute', key: 'run_name' } as const, values: text }),
      fc.constant({ field: { kind: 'dataset', key: 'digest' } as const, values: text }),
    )
    const filters: fc.Arbitrary<Filter> = arbitraryFilter({ fields, patterns: text })
    fc.assert(
      fc.property(filters, (filter) => {
        expect(native(printFilter(filter))).toEqual(filter)
      }),
      { numRuns: 500 },
    )
  })

  it('never fails otherwise than by refusing', () => {
    const piece = fc.constantFrom(
      ...`metrics.a|>|=|1|-|'x'|"y"|AND|OR|NOT|(|)|,|IN|IS|NULL|LIKE|BETWEEN|tags.\`a|run_id|'|\``.split('|'),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom(mlflow, native), (pieces, parse) => {
        try {
          parse(pieces.join(' '))
        } catch (error) {
          expect(error).toMatchObject({ code: 'search.invalid' })
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('orders', () => {
  const order = (...terms: string[]) => parseOrder(terms, { vocabulary: runVocabulary, dialect: 'mlflow' })

  it('reads field and direction', () => {
    expect(order('metrics.a', 'params.`x y` desc', 'attribute.start_time DESC').map(printOrder)).toEqual([
      'metrics.a ASC',
      'params.`x y` DESC',
      'start_time DESC',
    ])
  })

  it.each([
    [['metrics.a', 'metric.a DESC'], '`order_by` contains duplicate fields'],
    [['created', 'start_time'], '`order_by` contains duplicate fields'],
    [['metrics.a b'], "Invalid ordering key in order_by clause 'metrics.a b'."],
    [['metrics.a DESC NULLS LAST'], 'Could not be parsed.'],
    [[''], "Invalid order_by clause ''. Could not be parsed."],
    [['1'], "Invalid order_by clause '1'. Could not be parsed."],
    [['`run name`'], "Invalid attribute key 'run name' specified."],
    [['bogus.a'], "Invalid entity type 'bogus'."],
  ])('refuses %s', (terms, message) => expect(refusal(() => order(...terms))).toContain(message))
})
