// What a rehearsal says of brokers and links that its network does not have. A file is checked when
// it is read; this is for a scenario that is put on another network.

import { findLink, isMistake, type Mistake, type Rehearsal } from '../scenario-file/index.ts'

/** One sentence for each broker or link that is missing. */
export function findMisfits(rehearsal: Rehearsal): Mistake[] {
  const { topology, producers, consumers, overrides, groups, qualities } = rehearsal
  const uses = new Map<string, string>()
  for (const { name, at } of [...producers, ...consumers]) note(uses, at, `client ${name}`)
  for (const name of Object.keys(overrides)) note(uses, name, '"brokers"')
  for (const [group, members] of groups) {
    for (const name of members) note(uses, name, `group ${group}`)
  }
  const brokers = [...uses].flatMap(([name, use]) =>
    topology.brokers.includes(name)
      ? []
      : [{ message: `${topology.name} has no broker "${name}", which ${use} needs` }]
  )
  const links = [...qualities.keys()].flatMap((key) => {
    const link = findLink(key, topology)
    return isMistake(link) ? [{ message: `${topology.name} has no link ${key} for "links"` }] : []
  })
  return [...brokers, ...links]
}

function note(uses: Map<string, string>, broker: string, use: string): void {
  if (!uses.has(broker)) uses.set(broker, use)
}
