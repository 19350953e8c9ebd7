import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { DvcService } from './service.ts'

const tags = ['DVC']
const Project = Type.Object({ project: Type.String() })

/** Routes that take versions of file sets to DVC and back; clients of DVC itself use the remote. */
export function dvcRoutes(dvc: DvcService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/dvc/:project/exports',
      {
        schema: {
          tags,
          summary: 'Put a version of a file set into a project; the answer is what a .dvc file says of it',
          params: Project,
          body: Type.Object(
            { fileSet: Type.String(), version: Type.String({ default: 'latest' }) },
            { additionalProperties: false },
          ),
        },
      },
      ({ params, body }) => dvc.exportVersion(params.project, body),
    )
    app.post(
      '/v1/dvc/:project/imports',
      {
        schema: {
          tags,
          summary: 'Make what was pushed to a project a version of a file set',
          params: Project,
          body: Type.Object(
            {
              object: Type.String({ pattern: '^[0-9a-f]{32}(\\.dir)?$' }),
              path: Type.String({ minLength: 1, maxLength: 1024 }),
              fileSet: Type.String(),
              message: Type.Optional(Type.String({ maxLength: 10_000 })),
            },
            { additionalProperties: false },
          ),
        },
      },
      ({ params, body }) => dvc.importObject(params.project, body),
    )
  }
}
