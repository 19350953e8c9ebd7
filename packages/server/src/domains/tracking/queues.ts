/** Lets work of one name wait for the former, in the order of asking; work of different names goes on side by side. */
export function createQueues() {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
      const before = tails.get(name)
      const result = before ? before.then(work, work) : work()
      tails.set(name, result)
      const forget = () => {
        if (tails.get(name) === result) tails.delete(name)
      }
      result.then(forget, forget)
      return result
    },
  }
}
