import { type Static, Type } from 'typebox'
import { ColumnName, Name, Text } from './names.ts'
import { ColumnType, Schema } from './schema.ts'

const closed = { additionalProperties: false } as const

/**
 * Examples where no dataset has them: each key of the dataset, at every multiple of `everyMs` since the epoch from
 * its first row on.
 */
export const SnapshotSpine = Type.Object(
  { dataset: Name, entity: Name, everyMs: Type.Integer({ minimum: 1000 }) },
  closed,
)
export type SnapshotSpine = Static<typeof SnapshotSpine>

/** Examples out of a query over datasets; the first one's version is the one that a set is built for. */
export const QuerySpine = Type.Object(
  { sql: Text, uses: Type.Array(Name, { minItems: 1, maxItems: 100 }), schema: Schema },
  closed,
)
export type QuerySpine = Static<typeof QuerySpine>

/** Label events: rows of a dataset with the entity's key and `t < event time <= t + windowMs`. */
export const LabelWindow = Type.Object(
  {
    dataset: Name,
    entity: Name,
    timestamp: ColumnName,
    windowMs: Type.Integer({ minimum: 1 }),
    /** Of the events in the window: the value of the first or the last, or how many there are. */
    take: Type.Union([Type.Literal('first'), Type.Literal('last'), Type.Literal('count')]),
    /** The label where nothing happened in a window that is over. Default: none. */
    otherwise: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  },
  closed,
)
export type LabelWindow = Static<typeof LabelWindow>

export const LabelDefinition = Type.Object(
  {
    name: ColumnName,
    type: ColumnType,
    /** Scalar expression over the columns of the spine, or of the dataset of the label events. */
    sql: Text,
    window: Type.Optional(LabelWindow),
  },
  closed,
)
export type LabelDefinition = Static<typeof LabelDefinition>

const share = Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 })
/** Shares of the rows; they add up to 1. */
const SplitShares = Type.Object(
  { train: share, validation: Type.Optional(share), test: Type.Optional(share) },
  closed,
)

export const SplitDefinition = Type.Union([
  /** By a hash of what identifies a row. */
  Type.Object({ by: Type.Literal('random'), shares: SplitShares, seed: Type.Integer() }, closed),
  /** Every value of a column in the same shares. */
  Type.Object(
    { by: Type.Literal('stratified'), shares: SplitShares, seed: Type.Integer(), column: ColumnName },
    closed,
  ),
  /** By a hash of some columns: rows that are equal in them stay together. */
  Type.Object(
    {
      by: Type.Literal('group'),
      shares: SplitShares,
      seed: Type.Integer(),
      columns: Type.Array(ColumnName, { minItems: 1, maxItems: 100 }),
    },
    closed,
  ),
  /** By time: train first. The last `gapMs` before the next member begins are left out. */
  Type.Object({ by: Type.Literal('time'), shares: SplitShares, gapMs: Type.Integer({ minimum: 0 }) }, closed),
])
export type SplitDefinition = Static<typeof SplitDefinition>

export const TrainingSetDefinition = Type.Object(
  {
    kind: Type.Literal('training-set'),
    name: Name,
    /**
     * Dataset whose rows are the examples: it must have the entity keys, the timestamp and the request columns; or
     * snapshots of keys, or a query.
     */
    spine: Type.Union([Name, SnapshotSpine, QuerySpine]),
    service: Name,
    /** Absent: there is nothing to predict, only rows to find something in (clusters, anomalies). */
    label: Type.Optional(LabelDefinition),
    /** Columns of the spine that come along and are no features. */
    keep: Type.Optional(Type.Array(ColumnName, { maxItems: 1000 })),
    split: Type.Optional(SplitDefinition),
    /** What to do about signs that features know what they should not. Default: say so in the manifest. */
    leakage: Type.Optional(
      Type.Object(
        {
          action: Type.Union([Type.Literal('warn'), Type.Literal('stop')]),
          /** Columns that are known to be right. */
          allow: Type.Array(ColumnName, { maxItems: 1000 }),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type TrainingSetDefinition = Static<typeof TrainingSetDefinition>
