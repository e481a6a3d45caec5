// Does what an operator asks who says that a broker never returns. Each broker is told by itself:
// what it keeps for another one is its own affair, and nobody else knows of it.
// Invariant: an answer that says something was given up is given when that is on disk.

import type { Broker } from '../broker/index.ts'
import type { Forgotten } from '../network/index.ts'

/** What a broker had kept for one that never returns. */
export interface BrokerForgotten extends Forgotten {
  /** The broker that answers. */
  readonly broker: string
  /** Dead letters that were on their way there, and are in the dead-letter queues here now. */
  readonly letters: number
}

/** What is needed for it. Broker and Network fit as they are. */
export interface ForgetSources {
  readonly broker: Broker
  readonly network: {
    readonly map: { isReachable(broker: string): boolean }
    forget(broker: string): Forgotten
  }
}

/** Answers later, once. */
export function forgetBroker(
  { broker, network }: ForgetSources,
  name: string,
  done: (answer: BrokerForgotten | { readonly error: string }) => void
): void {
  const { name: self } = broker.identity
  if (name === self) {
    done({ error: `this is broker "${name}" itself` })
    return
  }
  if (network.map.isReachable(name)) {
    const fix = 'stop it, or take its bridges away, before it is forgotten'
    done({ error: `broker "${name}" is in reach; ${fix}` })
    return
  }
  const { failure } = broker.store
  if (failure !== undefined) {
    done({ error: `nothing can be given up while the store takes nothing: ${failure.message}` })
    return
  }
  const { topics, messages } = network.forget(name)
  broker.letters.recall(name, (letters) => {
    broker.store.whenDurable((error) => {
      if (error !== undefined) done({ error: `not on disk yet, and tried again: ${error.message}` })
      else done({ broker: self, topics, messages, letters })
    })
  })
}
