// Splits a set of target brokers by the neighbour on the way to each. Every target is in exactly
// one branch: that is why a network of any shape makes no duplicates.

import { targetsMax } from '../bridge-protocol/index.ts'

/** Part of a target set that leaves by the same bridge. */
export interface Branch {
  /** Undefined for the targets that have no path just now. */
  readonly nextHop: string | undefined
  readonly targets: readonly string[]
}

/** The branches of a target set, none of them longer than a frame can carry. */
export function splitTargets(
  targets: readonly string[],
  nextHopOf: (target: string) => string | undefined
): readonly Branch[] {
  const branches: Branch[] = []
  const open = new Map<string | undefined, string[]>()
  for (const target of targets) {
    const nextHop = nextHopOf(target)
    let together = open.get(nextHop)
    if (together === undefined || together.length === targetsMax) {
      together = []
      open.set(nextHop, together)
      branches.push({ nextHop, targets: together })
    }
    together.push(target)
  }
  return branches
}
