/**
 * MurmurHash3, 32 bits (Appleby, public domain), of bytes, as a signed integer: scikit-learn's FeatureHasher and ONNX
 * Runtime's MurmurHash3 compute the same.
 */
export const murmurHash = (bytes: Uint8Array, seed = 0): number => {
  const scramble = (block: number): number => {
    const mixed = Math.imul(block, 0xcc9e2d51)
    return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
  }
  const whole = bytes.length & ~3
  let hash = seed
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24))
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let at = bytes.length - 1; at >= whole; at -= 1) rest = (rest << 8) | bytes[at]
  if (whole < bytes.length) hash ^= scramble(rest)
  hash ^= bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
