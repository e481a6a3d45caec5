// A broker's report as those who measure want it.

import type { StatusReport } from '../../src/admin/index.ts'
import type { BrokerSample } from '../report/observed-world.ts'

const queuesMax = 10

/** The sample of a broker; without a report, it holds nothing that is known of. */
export function sampleOf(
  broker: string,
  isUp: boolean,
  report: StatusReport | undefined
): BrokerSample {
  if (report === undefined) {
    const nothing = { waiting: 0, waitingBytes: 0, storeBytes: 0, queues: [], bridges: [] }
    return { broker, isUp, ...nothing }
  }
  const { parking, memory, bridges = [], topics = [] } = report
  const queues = (report.queues ?? []).filter(({ kind }) => kind === 'queue')
  const held = [...queues, ...topics].reduce((sum, { ready, delivered }) => {
    return sum + ready + delivered
  }, 0)
  const pending = bridges.reduce((sum, { messagesPending }) => sum + messagesPending, 0)
  const waitingIn = queues
    .map(({ name, ready, delivered }) => ({ queue: name, messages: ready + delivered }))
    .filter(({ messages }) => messages > 0)
    .sort((one, other) => other.messages - one.messages)
  return {
    broker,
    isUp,
    waiting: held + pending + parking.messages,
    // Reports do not tell the bytes of channels: they are not among these.
    waitingBytes: memory.bytesUsed + parking.bytes,
    // The memory store is part of the process; reports do not tell its size.
    storeBytes: 0,
    queues: waitingIn.slice(0, queuesMax),
    bridges: bridges.map(({ peer, messagesSent, bytesSent }) => ({ peer, messagesSent, bytesSent }))
  }
}
