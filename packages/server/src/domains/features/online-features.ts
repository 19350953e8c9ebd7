import { fail, type Schema } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { OnlineStore } from '../../ports/online-store.ts'
import type { FeatureValue } from './on-demand.ts'
import { compileLookup, type FeatureStatus } from './online-lookup.ts'
import {
  planSelection,
  type SelectedFeature,
  type Selection,
  type SelectionPlan,
} from './online-selection.ts'
import { compileRanges } from './range.ts'
import type { RangeCounts } from './range-counts.ts'
import type { ReadLog } from './read-log.ts'
import { findLogging, type LoggedReads, type LoggingDeps } from './read-logging.ts'
import { createRowParser, type RequestRow } from './request-row.ts'

/** Values times features: the answer is built in memory. */
const mostCells = 1_000_000
/** Selections that are kept compiled. */
const mostSelections = 200

/** Per feature, then per row, both in the order that was asked for. */
export interface FeatureColumns {
  /** Times in milliseconds; null = missing. */
  values: FeatureValue[][]
  statuses: FeatureStatus[][]
  /** Event time of the stored value, milliseconds; null for what is not stored, and where nothing is. */
  eventTimes: (number | null)[][]
}

interface OnlineDeps {
  online: OnlineStore
  clock: Clock
  reads: Pick<ReadLog, 'watch'>
  rangeCounts: RangeCounts
}

/** A selection made ready for requests. */
export interface OnlineSelection {
  readonly features: readonly SelectedFeature[]
  /** Columns that a row must have, except `timestamp`. */
  readonly request: Schema
  /** Column with the event time of a row; rows without it are of the time of the call. */
  readonly timestamp: string | undefined
  /**
   * @param options `at`: as of when, milliseconds; default: now. `keepExpired`: give values outside of their max age, too.
   * @throws `feature.row_invalid` naming the row and the field; `feature.compute_failed`, `feature.outside_range`;
   * `request.invalid` for more than a million values
   */
  read(
    rows: readonly RequestRow[],
    options?: { at?: number; keepExpired?: boolean },
  ): Promise<FeatureColumns & { at: number }>
}

/**
 * Opens selections, each compiled once for as long as the definitions stay as they are.
 * @param generation counts the changes of definitions
 */
export function createSelections(deps: LoggingDeps & OnlineDeps, generation: () => number) {
  const known = new Map<string, Promise<OnlineSelection>>()
  let knownAt = generation()

  async function open(selection: Selection): Promise<OnlineSelection> {
    const plan = await planSelection(deps, selection)
    const logged = plan.service ? [{ service: plan.service }] : await findLogging(deps, plan.views)
    return compileSelection(deps, plan, logged)
  }

  return (selection: Selection): Promise<OnlineSelection> => {
    if (knownAt !== generation() || known.size >= mostSelections) {
      known.clear()
      knownAt = generation()
    }
    const key = 'service' in selection ? selection.service : JSON.stringify(selection.features)
    let opening = known.get(key)
    if (!opening) {
      opening = open(selection)
      known.set(key, opening)
      opening.catch(() => known.delete(key))
    }
    return opening
  }
}

function compileSelection(
  { online, clock, reads, rangeCounts }: OnlineDeps,
  plan: SelectionPlan,
  logged: readonly LoggedReads[],
): OnlineSelection {
  const { features, request, timestamp } = plan
  const lookup = logged.reduce(reads.watch, compileLookup(online, plan, rangeCounts))
  const bounds = { view: null, features: Object.keys(request), ranges: plan.requestRanges }
  const parse = createRowParser(request, timestamp, compileRanges(bounds, rangeCounts))
  const time = timestamp === undefined ? -1 : Object.keys(request).indexOf(timestamp)
  const slots = features.map(({ view, name }) =>
    lookup.slots.findLastIndex((slot) => slot.view === view && slot.name === name),
  )
  return {
    features,
    request,
    timestamp,
    async read(given, { at = clock.now(), keepExpired } = {}) {
      if (given.length * features.length > mostCells) {
        throw fail('request.invalid', {
          reason: `${given.length} rows of ${features.length} features are more than ${mostCells} values: ask for fewer rows at once`,
        })
      }
      const rows = given.map((row, i) =>
        parse(timestamp === undefined || row[timestamp] !== undefined ? row : { ...row, [timestamp]: at }, i),
      )
      const times = rows.map((row) => (time < 0 ? at : (row[time] as number)))
      const found = await lookup.lookUp(rows, times, { keepExpired })
      return {
        at,
        values: slots.map((slot) => found.values[slot]),
        statuses: slots.map((slot) => found.statuses[slot]),
        eventTimes: slots.map((slot) => found.eventTimes[slot]),
      }
    },
  }
}
