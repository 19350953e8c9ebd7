import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '@millrace/protocol'
import { Type } from 'typebox'
import { nameFeatures, toColumnsJson, toRows } from './online-answer.ts'
import type { Selection } from './online-selection.ts'
import type { RequestRow } from './request-row.ts'
import type { FeatureService } from './service.ts'

const tags = ['Features']
const mostRows = 10_000
const closed = { additionalProperties: false } as const
const Cells = Type.Array(Type.Unknown(), { minItems: 1, maxItems: mostRows })

const Body = Type.Object(
  {
    service: Type.Optional(Type.String({ maxLength: 128 })),
    features: Type.Optional(
      Type.Array(Type.String({ maxLength: 300 }), { minItems: 1, maxItems: 2000, uniqueItems: true }),
    ),
    rows: Type.Optional(
      Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1, maxItems: mostRows }),
    ),
    columns: Type.Optional(Type.Record(Type.String(), Cells)),
    at: Type.Optional(Type.Integer({ minimum: 0, maximum: 8.64e15 })),
    fullNames: Type.Optional(Type.Boolean()),
    answer: Type.Optional(Type.Union([Type.Literal('columns'), Type.Literal('rows')])),
  },
  closed,
)

/** The route to read features of entities out of the online store. */
export function onlineRoutes(features: Pick<FeatureService, 'openSelection'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/online-features',
      {
        schema: {
          tags,
          summary: 'Features of entities: of a feature service, or by name over several views',
          description:
            'What: `service`, or `features` as `view:feature`. Whose: `rows`, or the same as `columns`; they have the keys of the entities and what on-demand views need. `at`: as of when, default now. The answer keeps the order of features and rows. Statuses: PRESENT; NULL_VALUE, the value is known to be missing; NOT_FOUND, the key was never seen; OUTSIDE_MAX_AGE, what is stored is older than the ttl of its view and not given.',
          body: Body,
        },
      },
      async ({ body }, reply) => {
        const selected = await features.openSelection(selectionOf(body))
        const names = nameFeatures(selected.features, body.fullNames ?? false)
        const { at, ...found } = await selected.read(body.rows ?? rowsOf(body.columns), { at: body.at })
        if (body.answer === 'rows') return { at, rows: toRows(names, found) }
        return reply.type('application/json; charset=utf-8').send(toColumnsJson(at, names, found))
      },
    )
  }
}

function selectionOf({ service, features }: { service?: string; features?: string[] }): Selection {
  if (service !== undefined && features === undefined) return { service }
  if (features !== undefined && service === undefined) return { features }
  throw fail('request.invalid', { reason: 'either "service" or "features" must be given' })
}

/** @throws `request.invalid` for columns of different lengths, or none */
function rowsOf(columns: Readonly<Record<string, unknown[]>> | undefined): RequestRow[] {
  const [first, ...others] = Object.entries(columns ?? {})
  if (first === undefined)
    throw fail('request.invalid', { reason: 'either "rows" or "columns" must be given' })
  const [name, { length }] = first
  const odd = others.find(([, cells]) => cells.length !== length)
  if (odd) {
    throw fail('request.invalid', {
      reason: `column "${name}" has ${length} values and column "${odd[0]}" has ${odd[1].length}`,
    })
  }
  const entries = [first, ...others]
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(entries.map(([column, cells]) => [column, cells[i]])),
  )
}
