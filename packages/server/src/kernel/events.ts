/** A typed in-process emitter: how domain A tells that something happened without knowing who listens. */
export interface Events<Map extends object> {
  on<K extends keyof Map>(type: K, listener: (event: Map[K]) => void | Promise<void>): void
  /** Calls the listeners in the order of registration and waits for them; a listener's error reaches the caller. */
  emit<K extends keyof Map>(type: K, event: Map[K]): Promise<void>
}

export function createEvents<Map extends object>(): Events<Map> {
  const listeners = new Map<keyof Map, ((event: never) => void | Promise<void>)[]>()
  return {
    on(type, listener) {
      const existing = listeners.get(type)
      if (existing) existing.push(listener)
      else listeners.set(type, [listener])
    },
    async emit(type, event) {
      for (const listener of listeners.get(type) ?? []) await listener(event as never)
    },
  }
}
