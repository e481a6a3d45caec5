// Two rehearsals side by side: what only one of the files says is meant for both. So two topology
// files get the same clients, and a topology file beside a scenario is put in its place.

import type { Rehearsal } from '../scenario-file/index.ts'
import { clientsOf } from '../scenario-file/index.ts'

/** Two rehearsals, the second to be compared with the first. */
export type ComparedPair = readonly [one: Rehearsal, other: Rehearsal]

/** Makes both say the same of everything but the network. */
export function comparedRehearsals([one, other]: ComparedPair): ComparedPair {
  const [isOneBare, isOtherBare] = [isBare(one), isBare(other)]
  if (!isOneBare && isOtherBare) return [one, on(one, other)]
  if (isOneBare && !isOtherBare) return [on(other, one), other]
  if (!isOneBare) return [one, other]
  // The clients of the smaller network fit both if it has the brokers of the larger.
  const [small, large] =
    one.topology.brokers.length <= other.topology.brokers.length ? [one, other] : [other, one]
  const isWithin = small.topology.brokers.every((name) => large.topology.brokers.includes(name))
  if (!isWithin) return [one, other]
  const { producers, consumers } = clientsOf(small)
  return [
    { ...one, producers, consumers },
    { ...other, producers, consumers }
  ]
}

/** True for a topology file: it says nothing of clients, faults and expectations. */
export function isBare({ producers, consumers, faults, expectations }: Rehearsal): boolean {
  return producers.length + consumers.length + faults.length === 0 && expectations === undefined
}

/** The scenario on another network. */
function on(
  scenario: Rehearsal,
  { topology, settings, fileOverrides, origin }: Rehearsal
): Rehearsal {
  return { ...scenario, topology, settings, fileOverrides, origin }
}
