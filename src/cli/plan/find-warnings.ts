// What is suspicious about a planned network, in sentences.

import type { ClassSurvey } from '../../network/index.ts'
import { pathText } from './path-text.ts'
import type { FileNetwork } from './planned-network.ts'

/** One sentence for each, each once. */
export function findWarnings(
  { bridges, undecided }: FileNetwork,
  destinations: readonly ClassSurvey[]
): string[] {
  const found = new Set<string>()
  for (const { from, to, connector } of bridges) {
    if (connector.duplex) continue
    found.add(`bridge ${from}-${to} is one-way: nothing comes back over it from ${to}`)
  }
  for (const { from, to } of undecided) {
    found.add(
      `${from} and ${to} dial each other on different terms: cost, filters and direction are of ` +
        `whichever connection stands; those of ${from} are taken here`
    )
  }
  for (const { of, overlong, noTransit, singlePoints } of destinations) {
    for (const { broker, hopsMax, path } of overlong) {
      found.add(
        `hopsMax ${hopsMax} of ${broker} is too small: messages on the way ${pathText(path)} set ` +
          'out anew there, and only so often'
      )
    }
    for (const { broker, pairs } of noTransit) {
      found.add(
        `${broker} is in the way of ${pairs} pair${pairs === 1 ? '' : 's'} (${of.join(', ')}): ` +
          'it carries nothing for others, and there is no way round it'
      )
    }
    if (singlePoints === null) {
      found.add(
        `single points of failure were not looked for (${of.join(', ')}): the network is too ` +
          'large for that, with one-way bridges or brokers that carry nothing for others'
      )
    }
  }
  return [...found]
}
