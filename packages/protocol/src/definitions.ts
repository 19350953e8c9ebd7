import { type Static, Type } from 'typebox'
import { About, described } from './described.ts'
import { Expectation } from './expectations.ts'
import { ColumnName, Name, Text } from './names.ts'
import { Ranges } from './ranges.ts'
import { ColumnType, Schema } from './schema.ts'
import { DatasetSource, EvolutionRule, FunctionRef, MaxRejected, PiiTag } from './source.ts'
import { TrainingSetDefinition } from './training-set.ts'

const closed = { additionalProperties: false } as const
const aboutFeatures = { about: Type.Optional(About), ranges: Type.Optional(Ranges) } as const

/** `replace`: a version has the rows of the source. `append`: those of the version before, then what is new. */
export const IngestMode = Type.Union([Type.Literal('replace'), Type.Literal('append')])
export type IngestMode = Static<typeof IngestMode>

/** The last so many versions (1 without a number), and those that were made within so many days. */
const KeptVersions = Type.Object(
  {
    last: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    days: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000 })),
  },
  { ...closed, minProperties: 1 },
)

export const DatasetDefinition = Type.Object(
  {
    kind: Type.Literal('dataset'),
    name: Name,
    ...described,
    source: DatasetSource,
    /** Columns that the source must have; others in the file are kept out. */
    schema: Schema,
    /** Columns computed from the others by a SQL scalar expression when a version is registered. */
    derived: Type.Record(ColumnName, Type.Object({ type: ColumnType, sql: Text }, closed), closed),
    /** Event time column. */
    timestamp: ColumnName,
    /** Default: `replace`. */
    mode: Type.Optional(IngestMode),
    /** With `append`: rows are new if this column is beyond its greatest value so far; else if their file is new. */
    watermark: Type.Optional(ColumnName),
    /**
     * Changes of the columns that an append may make to the rows that are there. `add`: a column that they have no value
     * of. `widen`: whole numbers become floating-point ones.
     */
    evolve: Type.Optional(Type.Array(EvolutionRule, { maxItems: 2 })),
    /** With `append`: column -> the name that it had before. */
    renamedFrom: Type.Optional(Type.Record(ColumnName, ColumnName, closed)),
    /** Rows that may be kept aside because they cannot be read: so many, or a share of all. Default: 0. */
    maxRejected: Type.Optional(MaxRejected),
    /** Versions that `millrace gc` leaves: so many, and those of so many days. Default: all. */
    keep: Type.Optional(KeptVersions),
    /** Columns of the schema with personal data, and what becomes of it when rows are read. */
    pii: Type.Optional(Type.Record(ColumnName, PiiTag, closed)),
    expectations: Type.Array(Expectation),
  },
  closed,
)
export type DatasetDefinition = Static<typeof DatasetDefinition>

export const EntityDefinition = Type.Object(
  { kind: Type.Literal('entity'), name: Name, ...described, key: Schema },
  closed,
)
export type EntityDefinition = Static<typeof EntityDefinition>

/**
 * What is computed over the events of a window; only those with a value count. `std`: of the sample. `first`, `last`:
 * the value of the earliest or latest event. `distinct`: how many values. `top`: the value that occurs most often,
 * of equally frequent ones the least.
 */
export const AggregateFunction = Type.Union([
  Type.Literal('count'),
  Type.Literal('sum'),
  Type.Literal('mean'),
  Type.Literal('std'),
  Type.Literal('min'),
  Type.Literal('max'),
  Type.Literal('first'),
  Type.Literal('last'),
  Type.Literal('distinct'),
  Type.Literal('top'),
])
export type AggregateFunction = Static<typeof AggregateFunction>

/** `last`: the newest row's column at or before t. Others: over events in the window that ends at t (see `hopMs`). */
export const FeatureDefinition = Type.Union([
  Type.Object({ type: ColumnType, last: ColumnName }, closed),
  Type.Object(
    {
      type: ColumnType,
      aggregate: AggregateFunction,
      /** SQL scalar expression over the dataset's columns; absent for `count`. Booleans are summed as 0 and 1. */
      sql: Type.Optional(Text),
      windowMs: Type.Integer({ minimum: 1000 }),
      /** Of `top`: which of the most frequent values, 1 is the first. */
      rank: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    },
    closed,
  ),
])
export type FeatureDefinition = Static<typeof FeatureDefinition>

export const FeatureViewDefinition = Type.Object(
  {
    kind: Type.Literal('feature-view'),
    name: Name,
    ...described,
    entity: Name,
    /** Dataset of the events. */
    from: Name,
    /** Rows made of several datasets, `from` among them, in place of those of the dataset. */
    query: Type.Optional(
      Type.Object(
        { sql: Text, uses: Type.Array(Name, { minItems: 1, maxItems: 20 }), schema: Schema },
        closed,
      ),
    ),
    /** When a row became known; the point-in-time rule uses it. Default: the dataset's timestamp. */
    timestamp: ColumnName,
    /** When a row was created, if that can be later than its time: until then it is not used. */
    created: Type.Optional(ColumnName),
    /** Age after which a value may no longer be used; null = for ever. Both ends inclusive. */
    ttlMs: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
    /**
     * Windows end on multiples of this: the value at t covers events with
     * `floor(t / hop) * hop - window <= event time < floor(t / hop) * hop`, offline and online alike.
     */
    hopMs: Type.Integer({ minimum: 1000 }),
    /** Events come over HTTP as well, and out of a topic: which column tells them apart, and how late they may be. */
    stream: Type.Optional(
      Type.Object(
        { id: ColumnName, allowedLatenessMs: Type.Integer({ minimum: 1 }), topic: Type.Optional(Name) },
        closed,
      ),
    ),
    /** Bounds of what a materialization writes, told as an event when a feature leaves them: no part of what it means. */
    watch: Type.Optional(
      Type.Object(
        {
          /** Share of nulls. */
          nulls: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
          /** Population stability index against the materialization before. */
          drift: Type.Optional(Type.Number({ minimum: 0 })),
        },
        closed,
      ),
    ),
    features: Type.Record(ColumnName, FeatureDefinition, closed),
    ...aboutFeatures,
  },
  closed,
)
export type FeatureViewDefinition = Static<typeof FeatureViewDefinition>

export const OnDemandViewDefinition = Type.Object(
  {
    kind: Type.Literal('on-demand-view'),
    name: Name,
    ...described,
    input: Schema,
    features: Schema,
    ...aboutFeatures,
    /** Bundle that holds `compute`. */
    code: FunctionRef,
  },
  closed,
)
export type OnDemandViewDefinition = Static<typeof OnDemandViewDefinition>

export const FeatureServiceDefinition = Type.Object(
  {
    kind: Type.Literal('feature-service'),
    name: Name,
    ...described,
    featureViews: Type.Array(Name),
    onDemandViews: Type.Array(Name),
    /** Features that arrive with the request (columns of the spine when training). */
    request: Schema,
    /** Request column that carries the event time. */
    timestamp: ColumnName,
    /** Share of the keys whose online reads are logged, to be compared with training. Default: 0. */
    logReads: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** Of the request features. */
    ...aboutFeatures,
  },
  closed,
)
export type FeatureServiceDefinition = Static<typeof FeatureServiceDefinition>

/** `const`: a literal; `param`: a pipeline parameter; `output`: an output of an earlier node. */
export const Binding = Type.Union([
  Type.Object({ const: Type.Unknown() }, closed),
  Type.Object({ param: ColumnName }, closed),
  Type.Object({ node: Name, output: ColumnName }, closed),
])
export type Binding = Static<typeof Binding>

export const PipelineNode = Type.Object(
  {
    id: Name,
    /** Name of a built-in step, or `function` for the project's own step. */
    step: Type.String({ pattern: '^[a-z][a-z-]*$' }),
    /** For `function`: the bundle and the step's name in it. */
    code: Type.Optional(Type.Object({ bundle: Type.String(), name: Name }, closed)),
    inputs: Type.Record(ColumnName, Binding, closed),
    /** Run only if these boolean outputs are true; else the node and all that need it are skipped. */
    when: Type.Array(Type.Object({ node: Name, output: ColumnName }, closed)),
    timeoutMs: Type.Integer({ minimum: 1 }),
    retries: Type.Integer({ minimum: 0, maximum: 100 }),
  },
  closed,
)
export type PipelineNode = Static<typeof PipelineNode>

/** When a pipeline starts by itself. */
export const PipelineSchedule = Type.Object(
  {
    /** Minute, hour, day of the month, month, day of the week. */
    cron: Type.String({ minLength: 1, maxLength: 200 }),
    /** IANA name of the time zone of these. */
    timezone: Type.String({ minLength: 1, maxLength: 100 }),
    /** Of the times that passed while no server ran: one run for the newest, one for each, or none. */
    catchUp: Type.Union([Type.Literal('latest'), Type.Literal('all'), Type.Literal('none')]),
    /** Parameters of the pipeline, each an offset in milliseconds from the scheduled time. */
    params: Type.Record(ColumnName, Type.Object({ offsetMs: Type.Integer() }, closed), closed),
  },
  closed,
)
export type PipelineSchedule = Static<typeof PipelineSchedule>

export const PipelineDefinition = Type.Object(
  {
    kind: Type.Literal('pipeline'),
    name: Name,
    params: Type.Record(
      ColumnName,
      Type.Object({ type: ColumnType, default: Type.Optional(Type.Unknown()) }, closed),
      closed,
    ),
    nodes: Type.Array(PipelineNode, { minItems: 1, maxItems: 1000 }),
    schedule: Type.Optional(PipelineSchedule),
  },
  closed,
)
export type PipelineDefinition = Static<typeof PipelineDefinition>

export const EndpointDefinition = Type.Object(
  {
    kind: Type.Literal('endpoint'),
    name: Name,
    /** Registered model whose versions it serves. */
    model: Name,
    service: Name,
    /** Canary steps in percent, ascending, the last one 100. */
    canary: Type.Object(
      {
        steps: Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), { minItems: 1 }),
        /** Requests and labels that the candidate must have at a step before it is judged. */
        minRequests: Type.Integer({ minimum: 1 }),
        minLabels: Type.Integer({ minimum: 0 }),
        /** Candidate's share of failed requests above which the rollout is rolled back. */
        maxErrorRate: Type.Number({ minimum: 0, maximum: 1 }),
        /** One-sided significance at which a worse log loss of the candidate rolls back. */
        alpha: Type.Number({ exclusiveMinimum: 0, maximum: 0.5 }),
      },
      closed,
    ),
  },
  closed,
)
export type EndpointDefinition = Static<typeof EndpointDefinition>

export const MonitorDefinition = Type.Object(
  {
    kind: Type.Literal('monitor'),
    name: Name,
    endpoint: Name,
    /** Tumbling windows of event time. */
    windowMs: Type.Integer({ minimum: 1000 }),
    /**
     * Drift of the last `windows` windows together, against the training data: false-discovery rate over columns,
     * and the smallest Jensen–Shannon distance that matters. One window alone always differs where days do
     * (a Tuesday has no Sundays), so take whole cycles.
     */
    drift: Type.Object(
      {
        alpha: Type.Number({ exclusiveMinimum: 0, maximum: 0.5 }),
        minEffect: Type.Number({ minimum: 0, maximum: 1 }),
        minRows: Type.Integer({ minimum: 1 }),
        windows: Type.Integer({ minimum: 1, maximum: 1000 }),
      },
      closed,
    ),
    /** Calibration-in-the-large over the last `windows` windows: significance, and smallest gap of rates. */
    calibration: Type.Object(
      {
        alpha: Type.Number({ exclusiveMinimum: 0, maximum: 0.5 }),
        minEffect: Type.Number({ minimum: 0, maximum: 1 }),
        windows: Type.Integer({ minimum: 1, maximum: 1000 }),
        minLabels: Type.Integer({ minimum: 1 }),
      },
      closed,
    ),
    retrain: Type.Union([
      Type.Null(),
      Type.Object(
        {
          pipeline: Name,
          /** No second retraining before this much event time has passed. */
          cooldownMs: Type.Integer({ minimum: 0 }),
          /** Alerts in this many of the last windows start it. */
          alerts: Type.Integer({ minimum: 1 }),
          ofWindows: Type.Integer({ minimum: 1 }),
          /** Stop trying after this many retrainings in a row that were not promoted. */
          maxFailures: Type.Integer({ minimum: 1 }),
          /**
           * Parameters of the pipeline, each an offset in milliseconds from the end of the window that decided.
           * Times are wholly determined by data, so a replay decides the same.
           */
          params: Type.Record(ColumnName, Type.Object({ offsetMs: Type.Integer() }, closed), closed),
        },
        closed,
      ),
    ]),
  },
  closed,
)
export type MonitorDefinition = Static<typeof MonitorDefinition>

export const Definition = Type.Union([
  DatasetDefinition,
  EntityDefinition,
  FeatureViewDefinition,
  OnDemandViewDefinition,
  FeatureServiceDefinition,
  TrainingSetDefinition,
  EndpointDefinition,
  MonitorDefinition,
  PipelineDefinition,
])
export type Definition =
  | DatasetDefinition
  | EntityDefinition
  | FeatureViewDefinition
  | OnDemandViewDefinition
  | FeatureServiceDefinition
  | TrainingSetDefinition
  | EndpointDefinition
  | MonitorDefinition
  | PipelineDefinition
export type DefinitionKind = Definition['kind']
export type DefinitionOf<K extends DefinitionKind> = Extract<Definition, { kind: K }>
