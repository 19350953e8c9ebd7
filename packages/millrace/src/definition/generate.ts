/** Rows that a function makes; or columns, each a list of as many values. */
export type GeneratedBatch<R> = readonly R[] | { readonly [K in keyof R]: readonly R[K][] }

export interface GenerateContext {
  /** The greatest value of the watermark so far, with the mode `append`: rows up to it need not come again. */
  after?: Date | number
  signal?: AbortSignal
}

/** A function of the project as the source of a dataset. */
export interface GeneratedSource<R> {
  readonly generate: (
    context: GenerateContext,
  ) => AsyncIterable<GeneratedBatch<R>> | Iterable<GeneratedBatch<R>>
}

/**
 * Rows out of a function, batch by batch: `generate({ async *compute({ after }) { yield [{ at: new Date(), n: 1 }] } })`.
 * Every column of the schema is in every row, null where there is no value. It runs in the step `ingest` of a pipeline.
 */
export function generate<R>(options: { compute: GeneratedSource<R>['generate'] }): GeneratedSource<R> {
  return { generate: options.compute }
}
