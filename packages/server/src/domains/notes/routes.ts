import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { NoteService, NoteSubject } from './note.ts'

const tags = ['Notes']
const Page = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
})
const Body = Type.Object(
  {
    // What keeps the text has a limit of its own, in characters; this one is before any work.
    text: Type.String({ maxLength: 100_000, description: 'Markdown; empty takes the note away' }),
    by: Type.String({ minLength: 1, maxLength: 256, default: 'api' }),
    expected: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Refuse unless this is the version that there is now' }),
    ),
  },
  { additionalProperties: false },
)

const places: {
  of: string
  at: string
  params: readonly string[]
  subject: (ids: string[]) => NoteSubject
}[] = [
  {
    of: 'an experiment',
    at: '/v1/experiments/:id',
    params: ['id'],
    subject: ([id]) => ({ kind: 'experiment', id }),
  },
  { of: 'a run', at: '/v1/runs/:id', params: ['id'], subject: ([id]) => ({ kind: 'run', id }) },
  {
    of: 'a registered model',
    at: '/v1/models/:name',
    params: ['name'],
    subject: ([id]) => ({ kind: 'model', id }),
  },
  {
    of: 'a model version',
    at: '/v1/models/:name/versions/:version',
    params: ['name', 'version'],
    subject: ([name, version]) => ({ kind: 'model-version', id: `${name}/${version}` }),
  },
]

/** Notes of experiments, runs, models and versions, each below the address of what it is about. */
export function noteRoutes(notes: NoteService): FastifyPluginAsyncTypebox {
  return async (app) => {
    for (const { of, at, params, subject } of places) {
      const Params = Type.Object(Object.fromEntries(params.map((name) => [name, Type.String()])))
      const subjectOf = (given: unknown) =>
        subject(params.map((name) => (given as Record<string, string>)[name]))
      app.get(
        `${at}/note`,
        { schema: { tags, summary: `The note of ${of} with its version and last editor`, params: Params } },
        (request) => notes.getNote(subjectOf(request.params)),
      )
      app.put(
        `${at}/note`,
        {
          schema: {
            tags,
            summary: `Write the note of ${of}; with \`expected\` only over the version that was read`,
            params: Params,
            body: Body,
          },
        },
        (request) => notes.writeNote(subjectOf(request.params), request.body),
      )
      app.get(
        `${at}/note/versions`,
        {
          schema: {
            tags,
            summary: `What edits have made of the note of ${of}, newest first`,
            params: Params,
            querystring: Page,
          },
        },
        (request) => notes.listNoteVersions(subjectOf(request.params), request.query),
      )
    }
  }
}
