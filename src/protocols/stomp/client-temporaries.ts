// The temporary queues of one connection: made when the client first subscribes to one or names it
// in reply-to, known to others by an address that says which broker they are at, ended with the
// connection.

import { mark, PostroadError, quoted } from '../../base/index.ts'
import { type Broker, checkDestinationName, type Queue } from '../../broker/index.ts'

/** Temporary queues one connection may have. */
const temporaryQueuesMax = 1_000
/** '<broker>.<life>.<number>': a temporary queue as others know it. */
const routablePattern = /^[A-Za-z0-9][A-Za-z0-9_-]*\.[0-9a-z]+\.\d+$/

/** True for a name that may be the address of somebody's temporary queue. */
export function isRoutable(name: string): boolean {
  return routablePattern.test(name)
}

/** The temporary queues of one connection, by the client's own names for them. */
export class ClientTemporaries {
  private readonly broker: Broker
  private readonly byName = new Map<string, Queue>()

  constructor(broker: Broker) {
    this.broker = broker
  }

  /** The queue the client means, by its own name for it or by the address others know. */
  find(name: string): Queue | undefined {
    const own = this.byName.get(name)
    if (own !== undefined || !isRoutable(name)) return own
    for (const queue of this.byName.values()) if (queue.name === name) return queue
    return undefined
  }

  /**
   * Makes a queue for a name that {@link find} does not know.
   * @throws PostroadError LOCAL_DESTINATION_INVALID for a bad name or the queue of another
   *   connection, REMOTE_PROTOCOL_VIOLATION for one queue too many
   */
  add(name: string): Queue {
    checkDestinationName(name, false)
    if (this.broker.queues.findTemporary(name) !== undefined) {
      mark('temp-queue-of-another-client')
      throw new PostroadError(
        'LOCAL_DESTINATION_INVALID',
        `temporary queue ${quoted(name)} is of another connection, and only that one may ` +
          'subscribe to it'
      )
    }
    if (this.byName.size >= temporaryQueuesMax) {
      mark('temp-queues-limit-reached')
      throw new PostroadError(
        'REMOTE_PROTOCOL_VIOLATION',
        `this connection already has ${temporaryQueuesMax} temporary queues; one serves all replies`
      )
    }
    const queue = this.broker.createTemporaryQueue()
    this.byName.set(name, queue)
    return queue
  }

  /** Ends all of them with what they hold. */
  close(): void {
    for (const queue of this.byName.values()) this.broker.queues.removeTemporary(queue)
    this.byName.clear()
  }
}
