import { fail } from '@millrace/protocol/errors'
import type { ArtifactFolder, StoredFile } from '../store.ts'
import type { Json, Query, RestClient } from './rest-client.ts'

/** How a server shows one folder of artifacts. */
interface FolderRoutes {
  /** Files and folders of one level, their paths relative to the root of the artifacts. */
  listLevel(path: string): Promise<{ path: string; folder: boolean; size: number }[]>
  open(path: string): Promise<AsyncIterable<Uint8Array>>
}

/**
 * Artifacts of a run or logged model through the server: the proxy streams; for other locations the server itself reads
 * the store behind it, whatever that is.
 */
export function restArtifacts(
  client: RestClient,
  uri: string | null,
  owner: { run: string } | { model: string },
) {
  const proxied = /^mlflow-artifacts:\/([^/].*)$/.exec(uri ?? '')
  if (proxied) return walk(proxyRoutes(client, proxied[1]))
  if (uri?.startsWith('mlflow-artifacts://')) {
    throw fail('mlflow.artifacts_unreachable', { uri, reason: 'they are kept by another server' })
  }
  return walk('run' in owner ? runRoutes(client, owner.run) : modelRoutes(client, owner.model))
}

function walk(routes: FolderRoutes): ArtifactFolder {
  async function* listBelow(folder: string): AsyncIterable<StoredFile> {
    for (const { path, folder: isFolder, size } of await routes.listLevel(folder)) {
      // A server that lists a folder within itself would keep us here for ever.
      if (isFolder && path.length > folder.length) yield* listBelow(path)
      else if (!isFolder) yield { path, size }
    }
  }
  return { list: () => listBelow(''), open: routes.open }
}

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')

function proxyRoutes(client: RestClient, root: string): FolderRoutes {
  const base = '/api/2.0/mlflow-artifacts/artifacts'
  return {
    async listLevel(path) {
      const answer = await client.get(base, { path: path ? `${root}/${path}` : root })
      // The proxy answers with bare names.
      return filesOf(answer).map((file) => ({ ...file, path: path ? `${path}/${file.path}` : file.path }))
    },
    open: (path) => client.download(`${base}/${encodePath(`${root}/${path}`)}`),
  }
}

function runRoutes(client: RestClient, run: string): FolderRoutes {
  return {
    listLevel: (path) =>
      listPages(client, '/api/2.0/mlflow/artifacts/list', { run_id: run, path: path || undefined }),
    open: (path) => client.download('/get-artifact', { run_id: run, path }),
  }
}

function modelRoutes(client: RestClient, model: string): FolderRoutes {
  const id = encodeURIComponent(model)
  return {
    listLevel: (path) =>
      listPages(client, `/api/2.0/mlflow/logged-models/${id}/artifacts/directories`, {
        artifact_directory_path: path || undefined,
      }),
    open: (path) =>
      client.download(`/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files`, {
        artifact_file_path: path,
      }),
  }
}

async function listPages(client: RestClient, path: string, query: Query) {
  const files: ReturnType<typeof filesOf> = []
  let page_token: string | undefined
  do {
    const answer = await client.get(path, { ...query, page_token })
    files.push(...filesOf(answer))
    page_token = answer.next_page_token || undefined
  } while (page_token)
  return files
}

function filesOf(answer: Json): { path: string; folder: boolean; size: number }[] {
  return (answer.files ?? []).map((file: Json) => ({
    path: String(file.path),
    folder: Boolean(file.is_dir),
    size: Number(file.file_size ?? 0),
  }))
}
