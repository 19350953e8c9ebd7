import type { FeatureConsistency } from '@millrace/client'
import { formatTable, formatTime } from './format.ts'

/** Reads that were made with the same definitions. */
export interface ComparedPart {
  title: string
  reads: number
  features: readonly FeatureConsistency[]
}

interface Compared {
  name: string
  from: number
  until: number
  reads: number
  inconsistent: readonly { feature: string }[]
  parts: readonly ComparedPart[]
  tolerated?: number
}

const mostExamples = 3

/** A table of the features that differ, some of the reads, and the verdict. */
export function formatConsistency(check: Compared): string {
  const { name, reads, tolerated = 0.01 } = check
  if (reads === 0)
    return `${name}: no reads from ${formatTime(check.from)} until ${formatTime(check.until)}\n`
  const differing = new Set(check.inconsistent.map(({ feature }) => feature)).size
  const subject =
    differing === 0
      ? 'no feature differs'
      : differing === 1
        ? '1 feature differs'
        : `${differing} features differ`
  const verdict = `${subject} in more than ${percent(tolerated)} of them`
  return `${check.parts.map(formatPart).join('')}${name}: ${reads} reads compared, ${verdict}\n`
}

function formatPart({ title, reads, features }: ComparedPart): string {
  const differing = features.filter((one) => differences(one) > 0)
  const same = features.length - differing.length
  const header = ['feature', 'differs', 'mismatched', 'missing', 'extra', 'marked', 'mean diff', 'relative']
  const rows = differing.map((one) => [
    one.feature,
    percent(differences(one) / reads),
    ...[one.mismatched, one.missing, one.extra, one.marked].map(String),
    numberText(one.meanDifference),
    numberText(one.relativeDifference),
  ])
  const table = rows.length > 0 ? formatTable(header, rows) : ''
  const examples = differing.flatMap(({ feature, examples }) =>
    examples
      .slice(0, mostExamples)
      .map(({ id, at, online, training }) => [
        feature,
        formatTime(at),
        `online ${JSON.stringify(online)}`,
        `training ${JSON.stringify(training)}`,
        id,
      ]),
  )
  const some = examples.length > 0 ? formatTable(['for example', 'at', '', '', 'read'], examples) : ''
  return `${title}: ${reads} reads, ${same} of ${features.length} features the same in all\n${table}${some}`
}

function differences({ mismatched, missing, extra }: FeatureConsistency): number {
  return mismatched + missing + extra
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}

function numberText(value: number | null): string {
  return value === null ? '-' : String(Number(value.toPrecision(4)))
}
