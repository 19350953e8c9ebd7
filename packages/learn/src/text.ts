// Part of every JavaScript runtime, but typed only by the DOM and Node libraries, which this package does without.
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean },
) => { decode(bytes: Uint8Array): string }

/** UTF-8 bytes of a text. */
export const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The text of UTF-8 bytes; throws a TypeError if they are not valid. */
export const decodeText = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(bytes)
