interface Operation {
  summary?: string
  tags?: string[]
  parameters?: { name: string; in: string; required?: boolean }[]
  requestBody?: unknown
  responses: Record<string, { description: string }>
}

/** The parts of an OpenAPI 3 document that the tests look at. */
export interface OpenApi {
  openapi: string
  info: Record<string, unknown>
  paths: Record<string, Record<string, Operation>>
}

export const operationMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

export function listOperations(document: OpenApi): { path: string; method: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
}
