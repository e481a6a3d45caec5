// The faults of a scenario file: each is read by the little grammar, then held against the network.

import { checkFault, type FaultGround } from './check-fault.ts'
import { type FaultKindName, faultKinds } from './fault-kinds.ts'
import type { Fault, Mistake } from './fault-text.ts'
import { isMistake, readFault } from './fault-text.ts'
import { mapAt, type ScenarioCheck } from './scenario-check.ts'

/** A fault and where it stands in the file's list. */
export interface PlacedFault {
  readonly fault: Fault
  readonly path: readonly (string | number)[]
}

/** Faults that could be read; what could not is told. */
export function readFaults(check: ScenarioCheck): PlacedFault[] {
  const raw = mapAt(check.source.value)?.faults
  if (!Array.isArray(raw)) return []
  const placed: PlacedFault[] = []
  for (const [at, entry] of raw.entries()) {
    const map = mapAt(entry)
    const keys = Object.keys(map ?? {})
    const [key] = keys
    // An entry that is no map, or has an unknown key, the schema has told already.
    if (map === undefined || keys.some((each) => !faultKinds.has(each as FaultKindName))) continue
    if (key === undefined || keys.length > 1) {
      const message = 'each entry of "faults" has exactly one kind of fault'
      check.report(['faults', at], { message, suggestion: 'write - kill: hub@10s..20s' })
      continue
    }
    const written = map[key]
    if (typeof written !== 'string' || written === '') continue
    const path = ['faults', at, key]
    const fault = readFault(key as FaultKindName, written)
    if (isMistake(fault)) check.report(path, fault)
    else {
      const where = check.problems.placeOf(check.source, path)
      placed.push({ fault: { ...fault, where }, path })
    }
  }
  return placed
}

/** Tells of faults that cannot happen in this network. */
export function checkFaults(
  check: ScenarioCheck,
  placed: readonly PlacedFault[],
  ground: FaultGround
): void {
  for (const { fault, path } of placed) {
    const mistake = checkFault(fault, ground)
    if (mistake !== undefined) check.report(path, mistake)
  }
}

/** What is wrong with faults of the command line, each with the option it came with. */
export function findFaultMistakes(
  faults: readonly Fault[],
  ground: FaultGround
): readonly { readonly fault: Fault; readonly mistake: Mistake }[] {
  return faults.flatMap((fault) => {
    const mistake = checkFault(fault, ground)
    return mistake === undefined ? [] : [{ fault, mistake }]
  })
}
