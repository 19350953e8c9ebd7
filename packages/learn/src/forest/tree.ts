/** The nodes of a tree in preorder: the left child of node i is i + 1. */
export type Tree = {
  /** Feature that the node tests, or -1 for a leaf. */
  readonly feature: Int16Array
  /** A row goes left if its feature <= threshold. 0 in a leaf. */
  readonly threshold: Float32Array
  /** Index of the right child. 0 in a leaf. */
  readonly right: Uint32Array
  /** Share of the positive class among the training rows of the node. */
  readonly share: Float32Array
  /** Total decrease of Gini impurity by feature, weighted by the share of rows at the node. */
  readonly importance: Float64Array
}

/** What is known about a node when it is added; its split, if it gets one, is set later. */
export type TreeBuilder = {
  readonly addNode: (share: number) => number
  readonly setSplit: (node: number, feature: number, threshold: number) => void
  readonly setRight: (node: number, right: number) => void
  readonly finish: (importance: Float64Array) => Tree
}

const initialCapacity = 1024

/** Collects nodes in arrays that double when full. */
export const createTreeBuilder = (): TreeBuilder => {
  let size = 0
  let feature = new Int16Array(initialCapacity)
  let threshold = new Float32Array(initialCapacity)
  let right = new Uint32Array(initialCapacity)
  let share = new Float32Array(initialCapacity)

  const grow = (): void => {
    const capacity = size * 2
    const [oldFeature, oldThreshold, oldRight, oldShare] = [feature, threshold, right, share]
    feature = new Int16Array(capacity)
    threshold = new Float32Array(capacity)
    right = new Uint32Array(capacity)
    share = new Float32Array(capacity)
    feature.set(oldFeature)
    threshold.set(oldThreshold)
    right.set(oldRight)
    share.set(oldShare)
  }

  return {
    addNode(value) {
      if (size === feature.length) grow()
      feature[size] = -1
      share[size] = value
      size += 1
      return size - 1
    },
    setSplit(node, splitFeature, splitThreshold) {
      feature[node] = splitFeature
      threshold[node] = splitThreshold
    },
    setRight(node, child) {
      right[node] = child
    },
    finish: (importance) => ({
      feature: feature.slice(0, size),
      threshold: threshold.slice(0, size),
      right: right.slice(0, size),
      share: share.slice(0, size),
      importance,
    }),
  }
}
