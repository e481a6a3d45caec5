// How much of a queue that is kept on disk waits in memory. While the memory of the broker runs
// short that is next to nothing: more queues than memory has room for go on on disk, instead of
// holding back every producer.

import type { Queue } from './queue.ts'
import type { QueueContext } from './queue-context.ts'

/** Messages and bytes of a queue that stay in memory while that runs short. */
const tightMessages = 16
const tightBytes = 64 * 1024

/** Messages a queue holds in memory while more wait. */
export function windowMessages({ limits, memory }: QueueContext): number {
  const { queueWindowMessages } = limits
  return memory.isTight ? Math.min(tightMessages, queueWindowMessages) : queueWindowMessages
}

/** True if what comes next has to wait behind what the queue holds in memory. */
export function isWindowFull({ ready, bytes, context }: Queue): boolean {
  const { queueWindowBytes } = context.limits
  if (ready.length >= windowMessages(context) || bytes >= queueWindowBytes) return true
  // What is with consumers counts as well, but does not keep those from more.
  return context.memory.isTight && ready.length > 0 && bytes >= tightBytes
}
