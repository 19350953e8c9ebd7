import { type Static, Type } from 'typebox'
import { Text } from './names.ts'

const closed = { additionalProperties: false } as const
const SecretName = Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,127}$' })
const Mark = Type.String({ minLength: 1, maxLength: 1 })

/** A reference to a function inside a code bundle: the definition (kind + name) and the member that holds it. */
export const FunctionRef = Type.Object({ bundle: Type.String({ pattern: '^[a-f0-9]{64}$' }) }, closed)

/** What a file of rows may be. `json`: one array of objects, or one object per line. `arrow`: IPC file or stream. */
export const FileFormat = Type.Union([
  Type.Literal('parquet'),
  Type.Literal('csv'),
  Type.Literal('json'),
  Type.Literal('arrow'),
])
export type FileFormat = Static<typeof FileFormat>

/** How a CSV file is written; what is left out is found out from its beginning. */
export const CsvOptions = Type.Object(
  {
    delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 4 })),
    quote: Type.Optional(Mark),
    escape: Type.Optional(Mark),
    /** Lines that begin with it are passed over. */
    comment: Type.Optional(Mark),
    /** False: the columns come in the order of the schema. Default: true. */
    header: Type.Optional(Type.Boolean()),
    /** Lines before the header, or before the first row. */
    skipLines: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    /** Texts that mean no value. Default: the empty one. */
    nullValues: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: 100 })),
    /** As in strptime, for columns of times: `%d/%m/%Y %H:%M`. Default: ISO 8601. */
    timestampFormat: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    /** Default: `.` */
    decimalSeparator: Type.Optional(Type.Union([Type.Literal('.'), Type.Literal(',')])),
    /** Default: `utf-8`. */
    encoding: Type.Optional(
      Type.Union([Type.Literal('utf-8'), Type.Literal('utf-16'), Type.Literal('latin-1')]),
    ),
  },
  closed,
)
export type CsvOptions = Static<typeof CsvOptions>

/**
 * Where the rows of a dataset come from: files of one format at a path (a file, a folder, a glob, or one of these in
 * an object store, `s3://bucket/…`), a query, a function of the project, or a program.
 */
export const DatasetSource = Type.Union([
  Type.Object(
    {
      format: Type.Union([Type.Literal('parquet'), Type.Literal('json'), Type.Literal('arrow')]),
      path: Text,
    },
    closed,
  ),
  Type.Object({ format: Type.Literal('csv'), path: Text, options: Type.Optional(CsvOptions) }, closed),
  Type.Object(
    {
      format: Type.Literal('postgres'),
      query: Text,
      /** Name of the secret with the connection's URL. */
      connection: SecretName,
    },
    closed,
  ),
  Type.Object({ format: Type.Literal('function'), code: FunctionRef }, closed),
  Type.Object(
    {
      format: Type.Literal('program'),
      /** The program and its arguments; no shell reads them. */
      command: Type.Array(Type.String({ maxLength: 10_000 }), { minItems: 1, maxItems: 200 }),
      /** Where it runs. */
      directory: Text,
      /** What it writes to the file that `MILLRACE_OUTPUT` names. */
      output: FileFormat,
      /** Of `output` csv. */
      options: Type.Optional(CsvOptions),
      /** Names of secrets that it gets as environment variables. */
      secrets: Type.Optional(Type.Array(SecretName, { minItems: 1, maxItems: 100 })),
    },
    closed,
  ),
])
export type DatasetSource = Static<typeof DatasetSource>

export const MaxRejected = Type.Union([
  Type.Integer({ minimum: 0, maximum: 1_000_000 }),
  Type.Object({ share: Type.Number({ minimum: 0, maximum: 1 }) }, closed),
])
export type MaxRejected = Static<typeof MaxRejected>

/**
 * What kind of personal data a column has, and its mask. `hash`: SHA-256 with a secret salt, equal values stay equal.
 * `redact`: only whether there was a value. `keep`: as it is.
 */
export const PiiTag = Type.Object(
  {
    pii: Type.String({ pattern: '^[a-z][a-z0-9_-]{0,63}$' }),
    mask: Type.Union([Type.Literal('hash'), Type.Literal('redact'), Type.Literal('keep')]),
  },
  closed,
)
export type PiiTag = Static<typeof PiiTag>

export const EvolutionRule = Type.Union([Type.Literal('add'), Type.Literal('widen')])
export type EvolutionRule = Static<typeof EvolutionRule>
