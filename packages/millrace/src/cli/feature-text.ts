import type { FeatureDetail, FeatureEntry } from '@millrace/client'
import { formatDuration, formatTable, formatTime } from './format.ts'

/** A table of features. */
export function formatFeatures(features: readonly FeatureEntry[]): string {
  if (features.length === 0) return 'no features\n'
  return formatTable(
    ['feature', 'type', 'is', 'entity', 'owner', 'tags', 'description'],
    features.map((one) => [
      `${one.view}:${one.feature}`,
      one.type,
      kindOf(one),
      one.entity ?? '-',
      one.owner ?? '-',
      tagsOf(one),
      firstLine(one.description ?? ''),
    ]),
  )
}

/** Everything about one feature, a line each. */
export function formatFeature(found: FeatureDetail): string {
  const { definition, range, materialized } = found
  const expression = definition && ('last' in definition ? definition.last : definition.sql)
  const lines: [string, string | null | undefined][] = [
    ['type', found.type],
    ['is', kindOf(found)],
    ['of', expression],
    ['range', range && rangeText(range)],
    ['entity', found.entity],
    ['datasets', found.datasets.join(', ')],
    ['ttl', found.ttlMs === null ? null : spanText(found.ttlMs)],
    ['owner', found.owner],
    ['tags', tagsOf(found) === '-' ? null : tagsOf(found)],
    ['version', found.version],
    ['services', found.services.join(', ')],
    ['models', found.models.map(({ model, version }) => `${model}@${version}`).join(', ')],
    [
      'endpoints',
      found.endpoints
        .map(
          (one) =>
            `${one.endpoint} (${one.model}@${one.version}${one.isCurrent ? '' : ', with an older version'})`,
        )
        .join(', '),
    ],
    [
      'online',
      materialized &&
        `up to ${formatTime(materialized.until)}, ${formatDuration(Math.max(0, materialized.behindMs))} behind, written ${formatTime(materialized.updatedAt)}`,
    ],
  ]
  const texts = [found.description, found.viewDescription].filter((text) => text !== null)
  const shown = lines.filter(([, value]) => value !== null && value !== undefined && value !== '')
  return [
    `${found.view}:${found.feature}\n`,
    ...texts.map((text) => `${text}\n`),
    ...shown.map(([name, value]) => `  ${name.padEnd(11)}${value}\n`),
  ].join('')
}

function kindOf({ aggregate, windowMs }: FeatureEntry): string {
  if (aggregate === null) return 'on demand'
  return windowMs === null ? 'newest value' : `${aggregate} over ${spanText(windowMs)}`
}

function tagsOf({ tags }: FeatureEntry): string {
  return (
    Object.entries(tags)
      .map(([tag, value]) => `${tag}=${value}`)
      .join(' ') || '-'
  )
}

function rangeText({ min, max, in: members, notNull, outside }: NonNullable<FeatureDetail['range']>): string {
  const parts = [
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(members ? [`one of ${members.join(', ')}`] : []),
    ...(notNull ? ['not missing'] : []),
  ]
  const action = { refuse: 'refused', null: 'missing', clip: 'clipped' }[outside]
  return `${parts.join(', ')}; else ${action}`
}

/** As definitions say it: `90d`, `6h`, `10m`, `45s`, `1500ms`. */
function spanText(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1000, 's'],
  ]
  const [size, unit] = units.find(([one]) => ms % one === 0) ?? [1, 'ms']
  return `${ms / size}${unit}`
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
