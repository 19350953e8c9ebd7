/**
 * Values that must never be written to disk, logs or the wire. Configuration names them, only drivers read them.
 */
export interface SecretStore {
  /** @throws `secret.not_found` naming the secret and where it was looked for. */
  get(name: string): Promise<string>
}
