// What one broker holds at a moment, counted. It is asked often, so it walks over queues and
// bridges once and over no message.

import type { BrokerSample } from './report/observed-world.ts'
import type { SimBroker } from './sim-broker.ts'

type QueueSample = BrokerSample['queues'][number]

/** Queues named in a sample. */
const queuesMax = 10

/** Counts what a broker holds; zeros for one that is down. */
export function sampleBroker({ name, station, storeBytes }: SimBroker): BrokerSample {
  if (station === undefined) {
    const nothing = { waiting: 0, waitingBytes: 0, storeBytes: 0, queues: [], bridges: [] }
    return { broker: name, isUp: false, ...nothing }
  }
  const { broker, network } = station
  const inDoubt = network.bridges.inDoubt()
  let waiting = network.parkedMessages + inDoubt.messages
  let waitingBytes = network.parkedBytes + inDoubt.bytes
  const deepest: QueueSample[] = []
  for (const { name: queue, held: messages, bytes } of broker.queues.all()) {
    if (messages === 0) continue
    waiting += messages
    waitingBytes += bytes
    keepDeepest(deepest, { queue, messages })
  }
  for (const { queue } of broker.topics.all()) {
    waiting += queue.held
    waitingBytes += queue.bytes
  }
  const bridges: BrokerSample['bridges'][number][] = []
  for (const bridge of network.bridges.all()) {
    waiting += bridge.messagesPending
    waitingBytes += bridge.bytesPending
    const { messagesSent, bytesSent } = bridge.counters
    bridges.push({ peer: bridge.peer, messagesSent, bytesSent })
  }
  return { broker: name, isUp: true, waiting, waitingBytes, storeBytes, queues: deepest, bridges }
}

/** Keeps a short list sorted, deepest first; the earlier of two equals stays before the other. */
function keepDeepest(deepest: QueueSample[], sample: QueueSample): void {
  const last = deepest.at(-1)
  if (deepest.length === queuesMax && last!.messages >= sample.messages) return
  let at = deepest.length
  while (at > 0 && deepest[at - 1]!.messages < sample.messages) at -= 1
  deepest.splice(at, 0, sample)
  if (deepest.length > queuesMax) deepest.pop()
}
