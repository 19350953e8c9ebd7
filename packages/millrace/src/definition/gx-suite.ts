import {
  type Expectation as ExpectationDefinition,
  type ExpectationType,
  expectationTypes,
  refusedExpectations,
  type Severity,
} from '@millrace/protocol'
import { createExpectation, type Expectation } from './expectation.ts'

/** What Great Expectations calls our severities. */
const severities: Record<string, Severity> = { critical: 'stop', warning: 'warn', info: 'info' }
/** Kwargs that name a batch or switch something on in their library, and say nothing about the data. */
const ignored = ['batch_id', 'auto', 'profiler_config', 'result_format', 'catch_exceptions', 'include_config']

/** Reads `{name, expectations: [{type, kwargs, severity?, notes?, meta?}]}`. @throws TypeError */
export function readSuite(suite: unknown): Expectation[] {
  const list = (suite as { expectations?: unknown } | null)?.expectations
  if (!Array.isArray(list)) throw new TypeError('A suite is {name, expectations: [{type, kwargs}]}')
  return list.map((one: unknown, i) => readExpectation(one, i))
}

function readExpectation(given: unknown, i: number): Expectation {
  const at = `expectation ${i + 1} of the suite`
  const { type, expectation_type, kwargs, severity, notes, meta } = (given ?? {}) as Record<string, unknown>
  // Suites from before 1.0 say `expectation_type`.
  const name = type ?? expectation_type
  if (typeof name !== 'string' || typeof kwargs !== 'object' || kwargs === null)
    throw new TypeError(`${at} needs a type and kwargs`)
  if (!expectationTypes.includes(name as ExpectationType)) {
    const reason = Object.hasOwn(refusedExpectations, name)
      ? refusedExpectations[name]
      : 'there is no such type'
    throw new TypeError(`${at}, ${name}, cannot be checked: ${reason}`)
  }
  const parser = (kwargs as { condition_parser?: unknown }).condition_parser
  if (parser === 'pandas' || parser === 'spark')
    throw new TypeError(
      `${at}, ${name}, has a row_condition for ${parser}; write it as SQL with the condition_parser "sql"`,
    )
  if (severity !== undefined && (typeof severity !== 'string' || !Object.hasOwn(severities, severity)))
    throw new TypeError(
      `${at}, ${name}, has the severity ${JSON.stringify(severity)}; critical, warning and info are known`,
    )
  return createExpectation({
    type: name as ExpectationType,
    kwargs: Object.fromEntries(
      Object.entries(kwargs).filter(([field, value]) => value !== null && !ignored.includes(field)),
    ),
    severity: severity === undefined ? 'stop' : severities[severity],
    ...(typeof notes === 'string' || Array.isArray(notes) ? { notes: notes as string | string[] } : {}),
    ...(meta && Object.keys(meta).length > 0 ? { meta: meta as Record<string, unknown> } : {}),
  })
}

/** Expectations as a suite that Great Expectations reads; our own types are left in under their names. */
export function writeSuite(name: string, expectations: readonly ExpectationDefinition[]) {
  const words = Object.fromEntries(Object.entries(severities).map(([theirs, ours]) => [ours, theirs]))
  return {
    name,
    expectations: expectations.map(({ type, kwargs, severity, notes, meta }) => ({
      type,
      kwargs,
      severity: words[severity],
      meta: meta ?? {},
      ...(notes !== undefined && { notes }),
    })),
    meta: {},
    notes: null,
  }
}
