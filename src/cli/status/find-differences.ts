// Where brokers do not hold the same of each other: what each says of itself is compared with what
// the others say of it.

import type { DemandVersion, RecordVersion, VersionsReport } from '../../admin/index.ts'

/** By broker what it answered, or why it did not. */
export type Answers = ReadonlyMap<string, VersionsReport | string>

/** An answer, by broker. */
interface Holding {
  readonly broker: string
  readonly records: ReadonlyMap<string, RecordVersion>
  readonly demands: ReadonlyMap<string, DemandVersion>
}

/** One sentence for each difference; none if all brokers agree. */
export function findDifferences(answers: Answers): string[] {
  const found: string[] = []
  const holdings: Holding[] = []
  for (const [broker, answer] of answers) {
    if (typeof answer === 'string') {
      found.push(`${broker}: ${answer}`)
      continue
    }
    if (answer.isUntold) found.push(`${broker} has new demand that it has not told yet`)
    holdings.push({ broker, records: byBroker(answer.records), demands: byBroker(answer.demands) })
  }
  for (const holding of holdings) found.push(...reachFaults(holding, answers))
  for (const truth of holdings) {
    for (const held of holdings) {
      if (held === truth) continue
      found.push(...mapFaults(truth, held), ...demandFaults(truth, held))
    }
  }
  return found
}

function byBroker<T extends { readonly broker: string }>(list: readonly T[]): Map<string, T> {
  return new Map(list.map((one) => [one.broker, one]))
}

function reachFaults({ broker, records }: Holding, answers: Answers): string[] {
  const faults: string[] = []
  for (const other of answers.keys()) {
    if (!records.has(other)) faults.push(`${broker} does not find ${other} in its map`)
  }
  for (const other of records.keys()) {
    if (!answers.has(other)) faults.push(`${broker} takes ${other} for reachable`)
  }
  return faults
}

function mapFaults({ broker: about, records }: Holding, held: Holding): string[] {
  const own = records.get(about)
  const known = held.records.get(about)
  // What is missing is told with the reach.
  if (own === undefined || known === undefined) return []
  const isSame =
    own.brokerId === known.brokerId &&
    own.incarnation === known.incarnation &&
    own.sequence === known.sequence
  if (isSame) return []
  const texts = [known, own].map((one) => `${one.incarnation}.${one.sequence}`)
  return [`${held.broker} holds record ${texts[0]} of ${about}, which is at ${texts[1]}`]
}

function demandFaults({ broker: about, demands }: Holding, held: Holding): string[] {
  const own = demands.get(about)!
  const known = held.demands.get(about)
  if (known === undefined) return [`${held.broker} knows nothing of the demand of ${about}`]
  if (own.incarnation === known.incarnation && own.version === known.version) return []
  const texts = [known, own].map((one) => `${one.incarnation}.${one.version}`)
  return [`${held.broker} holds demand ${texts[0]} of ${about}, which is at ${texts[1]}`]
}
