import { categorical, missingLeft } from './ensemble.ts'
import type { GrownNode, GrownTree } from './grown-tree.ts'

/** A tree as arrays, its nodes in preorder: the left child of node i is i + 1. It can be posted to a thread. */
export interface PackedTree {
  /** -1 in a leaf. */
  readonly feature: Int32Array
  /** Or the index of a set in `sets`. */
  readonly threshold: Float32Array
  /** Index of the right child. */
  readonly right: Uint32Array
  readonly flags: Uint8Array
  readonly cover: Float32Array
  readonly gain: Float32Array
  readonly value: Float32Array
  readonly sets: readonly Uint32Array[]
}

/** Takes nodes in preorder. */
export interface TreePacker {
  /** Adds a node and returns its number. */
  add(node: Pick<GrownNode, 'feature' | 'threshold' | 'set' | 'missingLeft' | 'gain' | 'cover'>): number
  setRight(node: number, right: number): void
  /** Adds a leaf and returns its number. */
  addLeaf(cover: number, values: ArrayLike<number>): number
  finish(): PackedTree
}

const toBits = (categories: readonly number[]): Uint32Array => {
  const greatest = categories.reduce((most, category) => Math.max(most, category), -1)
  const words = new Uint32Array((greatest >>> 5) + (greatest < 0 ? 0 : 1))
  for (const category of categories) words[category >>> 5] |= 1 << (category & 31)
  return words
}

export const createTreePacker = (valuesPerLeaf: number): TreePacker => {
  const feature: number[] = []
  const threshold: number[] = []
  const right: number[] = []
  const flags: number[] = []
  const cover: number[] = []
  const gain: number[] = []
  const leaves: { node: number; values: ArrayLike<number> }[] = []
  const sets: Uint32Array[] = []
  const push = (tested: number, at: number, flag: number, gained: number, covered: number): number => {
    threshold.push(at)
    right.push(0)
    flags.push(flag)
    gain.push(gained)
    cover.push(covered)
    return feature.push(tested) - 1
  }
  return {
    add(node) {
      const flag = (node.missingLeft ? missingLeft : 0) | (node.set ? categorical : 0)
      const at = node.set ? sets.push(toBits(node.set)) - 1 : node.threshold
      return push(node.feature, at, flag, node.gain, node.cover)
    },
    setRight(node, child) {
      right[node] = child
    },
    addLeaf(covered, values) {
      const node = push(-1, 0, 0, 0, covered)
      leaves.push({ node, values })
      return node
    },
    finish() {
      const value = new Float32Array(feature.length * valuesPerLeaf)
      for (const { node, values } of leaves) value.set(values, node * valuesPerLeaf)
      return {
        feature: Int32Array.from(feature),
        threshold: Float32Array.from(threshold),
        right: Uint32Array.from(right),
        flags: Uint8Array.from(flags),
        cover: Float32Array.from(cover),
        gain: Float32Array.from(gain),
        value,
        sets,
      }
    },
  }
}

/** Puts the nodes of a tree in preorder. */
export const packTree = (tree: GrownTree, valuesPerLeaf: number): PackedTree => {
  const packer = createTreePacker(valuesPerLeaf)
  const open: { place: number; parent: number }[] = [{ place: 0, parent: -1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = tree[next.place]
    const here = node.feature < 0 ? packer.addLeaf(node.cover, node.values) : packer.add(node)
    if (next.parent >= 0) packer.setRight(next.parent, here)
    if (node.feature >= 0) open.push({ place: node.right, parent: here }, { place: node.left, parent: -1 })
  }
  return packer.finish()
}
