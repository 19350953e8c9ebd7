import { FeastWireError } from './feast-error.ts'

/** A feature that is asked for. */
interface Reference {
  view: string
  feature: string
  /** What its view is called in full names. */
  as: string
}

/**
 * What `view:feature` refers to; `view@latest` is the view.
 * @throws FeastWireError
 */
export function parseReference(reference: string): Reference {
  const [named = '', feature = '', ...more] = reference.split(':')
  const [view = '', version = 'latest', ...others] = named.split('@')
  if (view === '' || feature === '' || more.length > 0 || others.length > 0)
    throw new FeastWireError('FeastError', `"${reference}" should be "<feature view>:<feature>"`)
  if (version !== 'latest') {
    throw new FeastWireError(
      'FeatureViewVersionNotFound',
      `Version ${version} of feature view ${view} cannot be asked for: only the latest is served`,
    )
  }
  return { view, feature, as: view }
}

/**
 * The names of features in an answer.
 * @throws FeastWireError if two are the same
 */
export function nameReferences(
  features: readonly { as: string | null; feature: string }[],
  isFull: boolean,
): string[] {
  const names = features.map(({ as, feature }) => (isFull && as !== null ? `${as}__${feature}` : feature))
  const repeated = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
  if (repeated.length === 0) return names
  const advice = isFull
    ? 'Ask for each of them once.'
    : 'Ask with full_feature_names, or for one of them only.'
  throw new FeastWireError(
    'FeatureNameCollisionError',
    `More than one feature is named ${repeated.join(', ')}. ${advice}`,
  )
}
