import type { EndpointDefinition, EndpointRef } from '@millrace/protocol'
import type { Row, Simplify } from './column.ts'
import type { Compilable } from './compilable.ts'
import type { FeatureService } from './feature-service.ts'
import { checkName } from './names.ts'

/** A place to ask for predictions; `Request` is the TypeScript type of the inputs. */
export interface Endpoint<Request = unknown> extends Compilable, EndpointRef<Request> {
  readonly kind: 'endpoint'
  readonly name: string
}

const defaultCanary: EndpointDefinition['canary'] = {
  steps: [10, 50, 100],
  minRequests: 200,
  minLabels: 100,
  maxErrorRate: 0.01,
  alpha: 0.01,
}

/**
 * Defines an endpoint. A new version of the model takes over step by step; a step is judged by requests and
 * labels, and a version that is worse is rolled back.
 * @throws TypeError for a bad name, or steps that do not ascend to 100.
 */
export function endpoint<Request, Features>(
  name: string,
  options: {
    /** Name of the registered model. */
    model: string
    service: FeatureService<Request, Features>
    /** Defaults: steps 10, 50, 100 percent; 200 requests and 100 labels a step; 1 % errors; alpha 0.01. */
    canary?: Partial<EndpointDefinition['canary']>
  },
): Endpoint<Simplify<Row<Request>>> {
  checkName('endpoint', name)
  checkName(`endpoint "${name}": model`, options.model)
  const canary = { ...defaultCanary, ...options.canary }
  const ascending = canary.steps.every((step, i) => step > (canary.steps[i - 1] ?? 0))
  if (!ascending || canary.steps.at(-1) !== 100)
    throw new TypeError(
      `endpoint "${name}": canary steps must ascend and end with 100, got ${canary.steps.join(', ')}`,
    )
  return {
    kind: 'endpoint',
    name,
    uses: [options.service],
    functions: [],
    compile: (): EndpointDefinition => ({
      kind: 'endpoint',
      name,
      model: options.model,
      service: options.service.name,
      canary,
    }),
  }
}

/** The TypeScript type of an endpoint's inputs. */
export type RequestOf<E> = E extends EndpointRef<infer R> ? R : never
