// What of a rehearsal cannot be run with real brokers, in the words it was written in: each fault
// with its option, or its place in the file.

import { whyNotReal } from '../real/refuse-plan.ts'
import { type Fault, formatFault, type Mistake, type Rehearsal } from '../scenario-file/index.ts'

/** One sentence for each fault that needs a machine of its own, and for each store with a bound. */
export function findUnreal({ faults, overrides }: Rehearsal): Mistake[] {
  const suggestion = 'leave it out, or run it without --real'
  const found = faults.flatMap((fault) => {
    const why = whyNotReal(fault.kind)
    const message = `${nameOfFault(fault)} cannot be done to real brokers: ${why}`
    return why === undefined ? [] : [{ message, suggestion, where: fault.where }]
  })
  const stores = Object.entries(overrides).filter(([, one]) => one.storeBytesMax !== undefined)
  for (const [name] of stores) {
    const message = `"store" of broker "${name}" cannot be had from real brokers: ${storesNothing}`
    found.push({ message, suggestion, where: undefined })
  }
  return found
}

const storesNothing = 'a real run leaves stores at their usual bound'

/** 'kill hub@1s', or '--kill hub@1s' for one of the command line. */
export function nameOfFault(fault: Fault): string {
  return `${fault.where === undefined ? '--' : ''}${fault.kind} ${formatFault(fault)}`
}
