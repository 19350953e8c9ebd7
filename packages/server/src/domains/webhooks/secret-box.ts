import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Keeps secrets in the database so that the database alone does not give them away. */
export interface SecretBox {
  /** `of` names what the secret belongs to: it opens for nothing else. */
  seal(secret: string, of: string): string
  /** @throws an Error if it was sealed with another key or for something else */
  open(sealed: string, of: string): string
}

const algorithm = 'aes-256-gcm'
const [ivBytes, tagBytes] = [12, 16]

/** AES-256-GCM; @param key 32 bytes */
export function createSecretBox(key: Uint8Array): SecretBox {
  return {
    seal(secret, of) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(of))
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return `v1.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`
    },
    open(text, of) {
      const bytes = Buffer.from(text.replace(/^v1\./, ''), 'base64')
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(Buffer.from(of)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
      return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
    },
  }
}
