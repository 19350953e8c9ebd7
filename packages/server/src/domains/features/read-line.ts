import { newId } from '../../kernel/ids.ts'
import type { FeatureValue } from './on-demand.ts'
import type { LookedUp, OnlineLookup } from './online-lookup.ts'
import type { ServicePlan } from './service-plan.ts'

/** A version of a feature service whose reads are logged. */
export interface LoggedService {
  name: string
  /** Names `definitions`. */
  version: string
  definitions: Readonly<Record<string, string>>
  inputs: readonly string[]
  features: readonly string[]
  /** Values of a row. */
  cells: number
}

/** A row of an online read. */
export interface LoggedRead {
  service: LoggedService
  /** When it was answered, milliseconds. */
  at: number
  /** As of when, milliseconds. */
  eventTime: number
  inputs: readonly FeatureValue[]
  features: readonly FeatureValue[]
  /** Features that the answer itself showed to be missing, too old, or of another time. */
  degraded: readonly string[]
}

/**
 * Takes rows of a service out of what was looked up for them.
 * @param rows their `columns`, and the `version` of what is logged
 */
export function createReadTaker(
  lookup: OnlineLookup,
  plan: ServicePlan,
  { columns, version }: { columns: readonly string[]; version: string },
) {
  const features = plan.features.map(({ name }) => name)
  const slots = features.map((name) => {
    const view = plan.views.find((one) => Object.hasOwn(one.features, name))?.name
    return lookup.slots.findLastIndex(
      (slot) => slot.name === name && (view === undefined || slot.view === view),
    )
  })
  // The time of a row is told apart from them.
  const inputs = Object.keys(plan.request).filter((name) => columns.includes(name))
  const places = inputs.map((name) => columns.indexOf(name))
  const service: LoggedService = {
    name: plan.service.name,
    version,
    definitions: plan.definitions,
    inputs,
    features,
    cells: inputs.length + features.length,
  }

  function isDegraded(found: LookedUp, slot: number, row: number): boolean {
    const status = found.statuses[slot][row]
    if (status === 'NOT_FOUND' || status === 'OUTSIDE_MAX_AGE') return true
    const { part } = lookup.slots[slot]
    const behind = part === null ? null : found.behind[part][row]
    if (part === null || behind === null) return false
    // Newest rows have an age at any time; windows are those of the hop, or they are others.
    return lookup.parts[part].isWindows ? behind !== 0 : behind < 0
  }

  return (
    found: LookedUp,
    row: number,
    { at, eventTime, values }: { at: number; eventTime: number; values: readonly FeatureValue[] },
  ): LoggedRead => ({
    service,
    at,
    eventTime,
    inputs: places.map((place) => values[place]),
    features: slots.map((slot) => found.values[slot][row]),
    degraded: features.filter((_, i) => isDegraded(found, slots[i], row)),
  })
}

/** A line of the log, with names as the log of predictions has them. */
export function lineOf({ service, at, eventTime, inputs, features, degraded }: LoggedRead): string {
  const content = {
    id: newId('read', at),
    at,
    eventTime,
    inputs: named(service.inputs, inputs),
    features: named(service.features, features),
    ...(degraded.length > 0 && { degraded }),
  }
  return `${JSON.stringify(content)}\n`
}

function named(names: readonly string[], values: readonly FeatureValue[]): Record<string, FeatureValue> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]]))
}
