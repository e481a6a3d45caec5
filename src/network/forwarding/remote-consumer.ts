// A queue's proxy for the consumers of one other broker: an ordinary consumer of the queue, after
// the local ones in order, whose credit is open while that broker has demand, a path and a bridge
// with room.

import type { Consumer, Message, MessageFilter, Queue, QueueEntry } from '../../broker/index.ts'

/** Credit of an open proxy; it is the bridge's room and the far broker's demand that bound it. */
export const openCredit = 1_000_000

/** A message whose target was changed this often stays where it is until a consumer comes there. */
export const redirectsMax = 16

const notRedirectedTooOften: MessageFilter = {
  text: `redirects < ${redirectsMax}`,
  matches: (message) => message.redirects < redirectsMax
}

/** Sends a message that now belongs to the network to its target broker. */
export type SendToTarget = (consumer: RemoteConsumer, message: Message) => void

/** One other broker's consumers of one queue, seen from here. */
export class RemoteConsumer implements Consumer {
  readonly queue: Queue
  /** The broker that has the consumers. */
  readonly broker: string
  /** Its address as a target set; shared by all messages sent there. */
  readonly targets: readonly string[]
  readonly filter = notRedirectedTooOften
  readonly settlesOnDispatch = true
  credit = 0
  /** Cost of the path there; at least 1, so that local consumers come first. */
  cost: number
  /** First broker on the path there. */
  nextHop: string
  /** The far broker has enough waiting just now. */
  isFull = false
  /** The last refresh of its queue's proxies that found it wanted. */
  refresh = 0
  private readonly send: SendToTarget

  constructor(queue: Queue, broker: string, send: SendToTarget) {
    this.queue = queue
    this.broker = broker
    this.targets = [broker]
    this.cost = 1
    this.nextHop = ''
    this.send = send
  }

  deliver(message: Message, _entry: QueueEntry | undefined, isRedelivered: boolean): void {
    // A consumer here may have seen it before it left: the one it goes to must be told.
    if (isRedelivered) message.isRedelivered = true
    this.send(this, message)
  }
}
