export interface SizedDigest {
  /** SHA-256, lower-case hex. */
  digest: string
  /** Bytes. */
  size: number
}

/** Bytes that are kept once, whoever puts them. */
export interface Blob extends SizedDigest {
  /** MD5, lower-case hex, by which DVC knows files; absent where no client of DVC has needed it yet. */
  md5?: string
}

/** Where the bytes of a piece lie. */
export interface PieceLocation {
  digest: string
  size: number
  pack: string
  /** Offset in the pack, bytes. */
  start: number
}

/** Most bytes of what lies in a pack as one piece; larger blobs are made of pieces. */
export const longestPiece = 4 * 1024 * 1024
/** Packs are closed at this size, bytes. */
export const packBytes = 16 * 1024 * 1024
/** How long a blob stays that nothing names: whoever sends files has this long to register them. */
export const graceMs = 24 * 60 * 60 * 1000
