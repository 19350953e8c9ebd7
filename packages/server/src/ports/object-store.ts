/**
 * Bytes under keys. Keys are `/`-separated segments of `[A-Za-z0-9._=@+-]`, no empty, `.` or `..` segment, at most
 * 1,024 bytes, 255 in a segment: anything else is `object.invalid_key`. No key ever leads outside the store. A store
 * may also refuse `a` where `a/b` exists and the other way round, as files and folders do.
 *
 * Guarantees
 * - A put is atomic: readers see the whole object or none; an interrupted put leaves nothing behind that is listed.
 *   If the body throws, nothing is put and the body's error reaches the caller.
 * - After put resolves the object survives `kill -9` of the process.
 * - A put is done with a chunk of the body when it asks for the next one: its memory may be used again. The chunks of a
 *   get belong to the reader.
 * - `ifAbsent` lets exactly one of several concurrent writers win; the others get `object.exists`.
 * - get of a missing key is `object.not_found`; delete of a missing key is no error.
 * - A range is cut to the object: beyond its end there is nothing, which is no error.
 * - Objects of a key with the same `version` have the same bytes. A get with `version` gives those or, also when the
 *   object is replaced before its first bytes are read, `object.changed`.
 * - list is ordered by key (byte order), paged (at most 1,000), and complete for objects put before it began.
 * - A full disk is `storage.full`; what else the store cannot do is `storage.unavailable` with the cause.
 */
export interface ObjectStore {
  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<ObjectInfo>
  /** The bytes, or the range `[start, end)` of them, streamed. */
  get(
    key: string,
    range?: { start: number; end: number },
    options?: { version?: string },
  ): Promise<AsyncIterable<Uint8Array>>
  find(key: string): Promise<StoredObject | undefined>
  list(prefix: string, page?: { after?: string; limit?: number }): Promise<ObjectPage>
  delete(key: string): Promise<void>
  /** Where the object's bytes lie as a local file, for engines that map files; absent on remote stores. */
  localPath?(key: string): string
}

interface PutOptions {
  ifAbsent?: boolean
}

export interface ObjectInfo {
  key: string
  /** Bytes. */
  size: number
  /** Opaque. */
  version: string
}

export interface StoredObject extends ObjectInfo {
  /** When it was put, milliseconds. */
  modifiedAt: number
}

interface ObjectPage {
  objects: StoredObject[]
  /** Pass as `after` to get the next page; absent on the last one. */
  next?: string
}
