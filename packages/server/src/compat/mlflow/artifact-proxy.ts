import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  type ArtifactReader,
  ownRoot,
  requestBody,
  sendFile,
  uploadPartUrl,
} from '../../domains/artifacts/index.ts'
import { fileInfo, openFile, toFolder } from './artifact-files.ts'
import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint, orAbsent, sendJson } from './endpoint.ts'
import { MlflowError } from './mlflow-error.ts'
import { messageOf, required } from './wire/message.ts'
import { int64, listOf, text } from './wire/types.ts'

const area = 'mlflow-artifacts'
const pageSize = 1000

/** The artifact proxy's calls with JSON: listing, and uploads in parts. */
export function artifactProxyEndpoints({ artifacts, artifactReader }: MlflowDeps): Endpoint[] {
  /** The client names the file as it is called on its machine, with all its folders. */
  const inFolder = (folder: string, file: string) => `${folder}/${file.split(/[/\\]/).at(-1)}`
  return [
    endpoint({
      method: 'GET',
      area,
      path: '/artifacts',
      request: { path: text },
      handle: async ({ path = '' }) => ({ files: await listBasenames(artifactReader, path) }),
    }),
    endpoint({
      method: 'POST',
      area,
      path: '/mpu/create/*',
      request: { '*': text, path: required(text), num_parts: required(int64) },
      async handle({ '*': folder = '', path, num_parts }, request) {
        const { id } = await artifacts.createUpload(inFolder(folder, path), num_parts)
        const credentials = Array.from({ length: num_parts }, (_, index) => ({
          url: `${originOf(request)}${uploadPartUrl(id, index + 1)}`,
          part_number: index + 1,
          headers: {},
        }))
        return { upload_id: id, credentials }
      },
    }),
    endpoint({
      method: 'POST',
      area,
      path: '/mpu/complete/*',
      request: {
        '*': text,
        path: required(text),
        upload_id: required(text),
        parts: required(listOf(messageOf({ part_number: required(int64), etag: text, url: text }))),
      },
      async handle({ upload_id, parts }) {
        const uploaded = parts.map(({ part_number, etag }) => ({
          number: part_number,
          digest: etag?.replaceAll('"', '') || undefined,
        }))
        await artifacts.completeUpload(upload_id, uploaded)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      area,
      path: '/mpu/abort/*',
      request: { '*': text, path: required(text), upload_id: required(text) },
      async handle({ upload_id }) {
        await artifacts.abortUpload(upload_id)
        return {}
      },
    }),
    endpoint({
      method: 'GET',
      area,
      path: '/presigned/*',
      request: {},
      async handle() {
        throw new MlflowError(
          'NOT_IMPLEMENTED',
          'Multipart download is not supported for the current artifact repository',
        )
      },
    }),
  ]
}

/** The artifact proxy's calls with bytes, straight through; the plugin must accept streams. */
export function mountArtifactProxy(app: FastifyInstance, { artifacts, artifactReader }: MlflowDeps): void {
  for (const prefix of ['/api', '/ajax-api']) {
    const url = `${prefix}/2.0/${area}/artifacts/*`
    const schema = { hide: true }
    app.put(url, { schema }, async (request, reply) => {
      const path = pathOf(request)
      await artifacts.put(path, requestBody(request, { path, limit: artifacts.limit }))
      return sendJson(reply, {})
    })
    app.route({
      method: ['GET', 'HEAD'],
      url,
      schema,
      handler: (request, reply) => {
        const path = pathOf(request)
        return sendFile(request, reply, {
          async find() {
            const found = await artifacts.find(path)
            if (!found) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`)
            return found
          },
          open: (range) => openFile(artifactReader, { uri: ownRoot, path, range }),
        })
      },
    })
    app.delete(url, { schema }, async (request, reply) => {
      await artifacts.delete(pathOf(request))
      return sendJson(reply, {})
    })
  }
}

async function listBasenames(reader: ArtifactReader, folder: string) {
  const files: object[] = []
  let after: string | undefined
  do {
    const page = await reader.list(ownRoot, toFolder(folder), { after, limit: pageSize })
    files.push(
      ...page.items.map((entry) => fileInfo(entry, entry.path.slice(entry.path.lastIndexOf('/') + 1))),
    )
    after = page.next
  } while (after !== undefined)
  return orAbsent(files)
}

function pathOf(request: FastifyRequest): string {
  return (request.params as { '*': string })['*']
}

/** Where the client reached this server, also behind a proxy that ends TLS. */
function originOf({ headers, protocol, host }: FastifyRequest): string {
  const forwarded = String(headers['x-forwarded-proto'] ?? '')
    .split(',')[0]
    ?.trim()
  return `${forwarded === 'https' || forwarded === 'http' ? forwarded : protocol}://${host}`
}
