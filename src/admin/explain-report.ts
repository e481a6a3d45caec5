// The answer to the question where a message would go. What it says is the network's; here it is
// only brought within its bounds.

import type { Broker } from '../broker/index.ts'
import { explainMessage, type Network, type RouteExplanation } from '../network/index.ts'
import type { ExplainRequest } from './explain-request.ts'

/** Where a message would go, and why not elsewhere. */
export interface ExplainReport extends RouteExplanation {
  /** As STOMP writes it: /queue/orders. */
  readonly destination: string
  /** Brokers that are left out because there are too many; those of least interest. */
  readonly left: number
}

/** Makes the answer, with so many brokers, and consumers of this one, at most. */
export function explainReport(
  broker: Broker,
  network: Network,
  { kind, name, headers, entriesMax }: ExplainRequest & { readonly entriesMax: number }
): ExplainReport {
  const whole = explainMessage(broker, network, { kind, name, headers })
  return {
    ...whole,
    destination: `/${kind}/${name}`,
    goesTo: whole.goesTo.slice(0, entriesMax),
    here: whole.here.slice(0, entriesMax),
    bridges: whole.bridges.slice(0, entriesMax),
    brokers: whole.brokers.slice(0, entriesMax),
    left: Math.max(0, whole.brokers.length - entriesMax)
  }
}
