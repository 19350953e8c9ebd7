import { expect, it } from 'vitest'
import { sobolCoordinate, sobolDimensions } from './sobol.ts'

it('puts one of 2^k points into each of 2^k intervals of every dimension', () => {
  for (let dimension = 0; dimension < sobolDimensions; dimension += 1)
    for (const begin of [0, 64, 1024]) {
      const cells = Array.from({ length: 64 }, (_, at) =>
        Math.floor(64 * sobolCoordinate(begin + at, dimension, 77 * dimension)),
      )
      expect(new Set(cells).size).toBe(64)
    }
})

it('puts one of 2^k points into each box of the first two dimensions, whatever its shape', () => {
  for (const columns of [1, 2, 4, 8, 16]) {
    const cells = Array.from({ length: 16 }, (_, at) => {
      const column = Math.floor(columns * sobolCoordinate(at, 0, 5))
      return `${column} ${Math.floor((16 / columns) * sobolCoordinate(at, 1, 6))}`
    })
    expect(new Set(cells).size).toBe(16)
  }
})

it('scrambles by the key', () => {
  expect(sobolCoordinate(3, 2, 1)).not.toBe(sobolCoordinate(3, 2, 2))
  expect(sobolCoordinate(3, 2, 1)).toBe(sobolCoordinate(3, 2, 1))
})
