import { describe, expect, it } from 'vitest'
import { relativeError } from '../testing/frames.ts'
import { minimizeLbfgs } from './lbfgs.ts'
import type { SmoothFunction } from './objective.ts'
import { minimizeProximal } from './proximal-gradient.ts'

const centres = [3, -2, 0.05, 40]
const curvatures = [1, 10, 1, 0.1]

/** ½ Σ curvature (x - centre)². */
const bowl: SmoothFunction = (point, gradient) => {
  let value = 0
  point.forEach((x, at) => {
    gradient[at] = curvatures[at] * (x - centres[at])
    value += 0.5 * gradient[at] * (x - centres[at])
  })
  return value
}
const limits = { maxIter: 10_000, tol: 1e-10, onIteration: () => {} }

describe('minimizeLbfgs', () => {
  it('finds the bottom', () => {
    const { point, converged, iterations } = minimizeLbfgs(bowl, new Float64Array(4), limits)
    expect(relativeError(point, centres)).toBeLessThan(1e-8)
    expect(converged).toBe(true)
    expect(iterations).toBeLessThan(50)
  })

  it('says that it has not arrived', () => {
    const ended = minimizeLbfgs(bowl, new Float64Array(4), { ...limits, maxIter: 2 })
    expect(ended).toMatchObject({ converged: false, iterations: 2 })
  })

  it('stays where nothing pulls', () => {
    const start = Float64Array.from(centres)
    expect(minimizeLbfgs(bowl, start, limits)).toEqual({ point: start, iterations: 0, converged: true })
  })
})

describe('minimizeProximal', () => {
  it('shrinks by penalty / curvature, and to 0 what is smaller', () => {
    const penalties = Float64Array.of(0.5, 5, 0.1, 0)
    const { point, converged } = minimizeProximal(bowl, penalties, new Float64Array(4), {
      ...limits,
      lipschitz: 0.25,
    })
    expect(converged).toBe(true)
    expect(relativeError(point, [2.5, -1.5, 0, 40])).toBeLessThan(1e-8)
    expect(point[2]).toBe(0)
  })

  it('says that it has not arrived', () => {
    const ended = minimizeProximal(bowl, new Float64Array(4), new Float64Array(4), {
      ...limits,
      maxIter: 3,
      lipschitz: 0.25,
    })
    expect(ended).toMatchObject({ converged: false, iterations: 3 })
  })
})
