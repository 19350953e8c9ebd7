import { createKernelMemory, type KernelMemory } from './kernels.ts'

const pageBytes = 65_536
const maxBytes = 65_536 * pageBytes

/** Hands out the memory of kernels, from its start to its end; nothing is given back. */
export interface Arena {
  readonly memory: KernelMemory
  /**
   * The address of that many zero bytes, a multiple of 64 (a cache line, so that threads do not disturb each other).
   * Throws a RangeError beyond 4 GB, which is what 32-bit addresses reach.
   */
  take(bytes: number): number
}

export const createArena = (): Arena => {
  const memory = createKernelMemory()
  // Address 0 is left out, so that it can mean "none".
  let used = 64
  return {
    memory,
    take(bytes) {
      const address = used
      const end = address + Math.ceil(bytes / 64) * 64
      if (end > maxBytes)
        throw new RangeError(
          `growing these trees needs more than ${maxBytes / 2 ** 30} GB of memory: ` +
            'take fewer rows or columns, or smaller options (maxBins, maxLeafNodes)',
        )
      const missing = Math.ceil((end - memory.buffer.byteLength) / pageBytes)
      if (missing > 0) memory.grow(missing)
      used = end
      return address
    },
  }
}
