import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** What MLflow's pages ask of the server that they come from; all else are their own files. */
const api = /^\/(ajax-api|api|graphql|get-artifact|model-versions|health|version)(\/|\?|$)/

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface Pages {
  url: string
  close(): Promise<void>
}

/**
 * Serves MLflow's web pages as its own server does, and hands their calls on to another server.
 * @param folder the built pages, `mlflow/server/js/build` of the Python package
 */
export async function servePages(folder: string, upstream: string): Promise<Pages> {
  const server = createServer((incoming, outgoing) => {
    const answered = api.test(incoming.url ?? '')
      ? passOn(incoming, outgoing, upstream)
      : sendPage(incoming, outgoing, folder)
    answered.catch((error: Error) => outgoing.destroy(error))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the pages have no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

async function passOn(incoming: IncomingMessage, outgoing: ServerResponse, upstream: string): Promise<void> {
  const { host } = new URL(upstream)
  const { url, method, headers } = incoming
  await new Promise<void>((done, broken) => {
    const asked = request(
      new URL(url ?? '/', upstream),
      // The pages' own origin is that of this server, as far as the one behind it can tell.
      { method, headers: { ...headers, host, ...(headers.origin ? { origin: upstream } : {}) } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        pipeline(answer, outgoing).then(done, broken)
      },
    )
    pipeline(incoming, asked).catch(broken)
    asked.on('error', broken)
  })
}

async function sendPage({ url }: IncomingMessage, outgoing: ServerResponse, folder: string): Promise<void> {
  const { pathname } = new URL(url ?? '/', 'http://localhost')
  const path = normalize(pathname).replace(/^\/static-files/, '')
  const file = join(folder, path === '/' ? 'index.html' : path)
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) {
    outgoing.writeHead(404).end()
    return
  }
  outgoing.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    // Their names change with what is in them; a browser that opens page after page reads them once.
    ...(path.startsWith('/static/') ? { 'cache-control': 'public, max-age=3600, immutable' } : {}),
  })
  await pipeline(createReadStream(file), outgoing)
}
