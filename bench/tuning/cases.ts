import { functions } from './functions.ts'

export type Method = 'tpe' | 'gaussian-process'

/** What one program found: by seed and checkpoint, how far the best value is from the least; CPU time per trial. */
export interface Run {
  readonly regrets: readonly (readonly number[])[]
  readonly milliseconds: number
}

export interface Case {
  readonly name: string
  readonly function: string
  readonly method: Method
}

export const methods: Readonly<
  Record<Method, { sampler: string; seeds: number; checkpoints: readonly number[] }>
> = {
  tpe: { sampler: 'tpe', seeds: 30, checkpoints: [25, 50, 100, 200] },
  'gaussian-process': { sampler: 'gaussianProcess', seeds: 10, checkpoints: [25, 50, 100] },
}

export const cases: readonly Case[] = (Object.keys(methods) as Method[]).flatMap((method) =>
  Object.keys(functions).map((name) => ({ name: `${method}-${name}`, function: name, method })),
)

/**
 * Medians of Optuna 5.0.0's GPSampler over seeds 0 to 9 at the checkpoints, recorded once on two cores of an Intel Xeon: it
 * needs PyTorch, whose package brings gigabytes for graphics cards. Milliseconds per trial where they were recorded.
 */
export const recorded: Readonly<Record<string, { medians: readonly number[]; milliseconds: number | null }>> =
  {
    branin: { medians: [0.0402, 3.6e-5, 1.5e-5], milliseconds: 90 },
    'hartmann-6': { medians: [0.483, 0.0017, 0.0005], milliseconds: 87 },
    'rosenbrock-5': { medians: [2300, 628, 201], milliseconds: null },
    'ackley-5': { medians: [10.2, 7.3, 5.8], milliseconds: null },
    'sphere-10': { medians: [18, 0.45, 0.0094], milliseconds: null },
    mixed: { medians: [2e-5, 1e-6, 1e-7], milliseconds: null },
  }
