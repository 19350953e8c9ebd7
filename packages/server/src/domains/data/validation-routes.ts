import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Expectation } from '@millrace/protocol'
import { Type } from 'typebox'
import { renderValidation } from './validation-report.ts'
import type { ValidationService } from './validation-service.ts'

const tags = ['Data']
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'"
const Dataset = Type.Object({ name: Type.String() })
const One = Type.Object({ name: Type.String(), id: Type.String() })
const ResultFormat = Type.Union([
  Type.Literal('BOOLEAN_ONLY'),
  Type.Literal('BASIC'),
  Type.Literal('SUMMARY'),
])

/** Routes to validate versions, to look at results, and to learn expectations. */
export function validationRoutes(validations: ValidationService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/datasets/:name/validations',
      {
        schema: {
          tags,
          summary: 'Evaluate the expectations of the definition, or others, on a version that is registered',
          params: Dataset,
          body: Type.Object(
            {
              version: Type.Optional(Type.String({ maxLength: 64 })),
              expectations: Type.Optional(Type.Array(Expectation, { maxItems: 1000 })),
              resultFormat: Type.Optional(ResultFormat),
            },
            { additionalProperties: false },
          ),
        },
      },
      (request) => validations.validate({ dataset: request.params.name, ...request.body }),
    )
    app.get(
      '/v1/datasets/:name/validations/:id',
      { schema: { tags, summary: 'One validation result', params: One } },
      ({ params }) => validations.getValidation(params.name, params.id),
    )
    app.get(
      '/v1/datasets/:name/validations/:id/report',
      { schema: { tags, summary: 'The same as one page to look at (HTML)', params: One } },
      async ({ params }, reply) => {
        const validation = await validations.getValidation(params.name, params.id)
        reply.type('text/html; charset=utf-8').header('content-security-policy', contentPolicy)
        return renderValidation(validation)
      },
    )
    app.get(
      '/v1/datasets/:name/validations/:id/rows',
      { schema: { tags, summary: 'All rows that failed, by their place and keys (Parquet)', params: One } },
      async ({ params }, reply) => {
        const { path, isTemporary } = await validations.openFailingRows(params.name, params.id)
        const body = createReadStream(path)
        if (isTemporary) body.on('close', () => rm(path, { force: true }))
        reply
          .type('application/vnd.apache.parquet')
          .header('content-disposition', `attachment; filename="${params.id}.parquet"`)
          .header('content-length', (await stat(path)).size)
        return reply.send(body)
      },
    )
    app.get(
      '/v1/datasets/:name/expectations',
      { schema: { tags, summary: 'The expectations that a new version has to meet', params: Dataset } },
      async ({ params }) => ({ items: await validations.listExpectations(params.name) }),
    )
    app.get(
      '/v1/datasets/:name/expectations/proposed',
      {
        schema: {
          tags,
          summary: 'Expectations learned from a version, to begin with',
          params: Dataset,
          querystring: Type.Object({ version: Type.Optional(Type.String({ maxLength: 64 })) }),
        },
      },
      async ({ params, query }) => ({ items: await validations.propose(params.name, query.version) }),
    )
  }
}
