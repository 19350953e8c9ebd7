/**
 * Gives the memory of a chunk back at once; whoever calls it owns the chunk, which is empty afterwards. A chunk that is
 * only a part of its buffer is left to the garbage collector.
 *
 * The bytes of buffers are outside of V8's heap: what it sees of a gigabyte that streams through is a few small objects,
 * until the bytes outside make it collect the whole heap, dozens of times a second. Without this a stream costs three
 * times the work and grows the memory.
 */
export function freeBuffer(chunk: Uint8Array): void {
  const { buffer } = chunk
  if (!(buffer instanceof ArrayBuffer) || buffer.resizable || buffer.detached) return
  if (chunk.byteLength === buffer.byteLength) buffer.transfer(0)
}
