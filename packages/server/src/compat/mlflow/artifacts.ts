import type { FastifyInstance } from 'fastify'
import { requestBody, sendFile } from '../../domains/artifacts/index.ts'
import { listFiles, openFile } from './artifact-files.ts'
import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint, sendJson } from './endpoint.ts'
import { MlflowError } from './mlflow-error.ts'
import { versionNumber } from './wire/ids.ts'
import { type Fields, type Message, required } from './wire/message.ts'
import { readRequest } from './wire/request.ts'
import { text } from './wire/types.ts'

/** MLflow's pages upload no more at once. */
const uploadLimit = 10 * 1024 * 1024

export function artifactEndpoints({ tracking, artifactReader }: MlflowDeps): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/artifacts/list',
      request: { run_id: required(text), path: text },
      async handle({ run_id, path = '' }) {
        const { artifactUri } = await tracking.getRunInfo(run_id)
        return { root_uri: artifactUri, files: await listFiles(artifactReader, artifactUri, path) }
      },
    }),
    ...['upload', 'download'].map((direction) =>
      endpoint({
        method: 'POST',
        path: `/artifacts/presigned-${direction}-url`,
        request: {},
        async handle() {
          throw new MlflowError(
            'INVALID_PARAMETER_VALUE',
            `Presigned ${direction} is not supported for proxied artifact storage. Use the artifacts endpoint.`,
          )
        },
      }),
    ),
  ]
}

/** Where files come and go outside of the proxy; the plugin must accept streams. */
export function mountFiles(app: FastifyInstance, deps: MlflowDeps): void {
  const { tracking, registry, artifactReader } = deps

  function mountDownload<F extends Fields>(
    url: string,
    fields: F,
    locate: (message: Message<F>) => Promise<{ uri: string; path: string }>,
  ): void {
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      const { uri, path } = await locate(await readRequest(request, fields))
      return sendFile(request, reply, {
        async find() {
          const found = await artifactReader.find(uri, path)
          if (!found) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`)
          return found
        },
        open: (range) => openFile(artifactReader, { uri, path, range }),
      })
    })
  }

  const ofRun = { run_id: required(text), path: required(text) }
  mountDownload('/get-artifact', ofRun, async ({ run_id, path }) => ({
    uri: (await tracking.getRunInfo(run_id)).artifactUri,
    path,
  }))
  const ofVersion = { name: required(text), version: required(versionNumber), path: required(text) }
  mountDownload('/model-versions/get-artifact', ofVersion, async ({ name, version, path }) => {
    const { storageLocation } = await registry.getVersion({ model: name, version })
    if (storageLocation === null)
      throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`)
    return { uri: storageLocation, path }
  })
  const ofModel = { model_id: required(text), artifact_file_path: required(text) }
  const modelFiles = '/ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files'
  mountDownload(modelFiles, ofModel, async ({ model_id, artifact_file_path }) => ({
    uri: (await tracking.getLoggedModel(model_id)).artifactUri,
    path: artifact_file_path,
  }))

  app.post('/ajax-api/2.0/mlflow/upload-artifact', { schema: { hide: true } }, async (request, reply) => {
    const query = new URL(request.url, 'http://localhost').searchParams
    const [run, path] = [query.get('run_uuid') ?? query.get('run_id'), query.get('path')]
    if (!run) throw new MlflowError('INVALID_PARAMETER_VALUE', 'Request must specify run_uuid.')
    if (!path) throw new MlflowError('INVALID_PARAMETER_VALUE', 'Request must specify path.')
    await tracking.logArtifact(run, path, requestBody(request, { path, limit: uploadLimit }))
    return sendJson(reply, {})
  })
}
