/** Collects durations and answers quantiles of them. */
export function createLatencies() {
  const samples: number[] = []
  return {
    add(ms: number): void {
      samples.push(ms)
    },
    /** Nearest-rank quantile in milliseconds; 0 without samples. */
    quantile(q: number): number {
      const sorted = Float64Array.from(samples).sort()
      return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0
    },
  }
}
