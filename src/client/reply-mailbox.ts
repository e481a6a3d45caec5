// Requests and their answers over one client connection: each request names the connection's one
// temporary queue in reply-to, and answers are told apart by correlation id. A request without an
// answer ends with LOCAL_TIMEOUT. Requests that may wait at the same time are bounded.

import { PostroadError } from '../base/index.ts'
import type { Cancel, Clock } from '../ports/index.ts'
import type { StompClient } from './stomp-client.ts'
import type { ReceivedMessage } from './stomp-client-options.ts'

/** Told the answer's body, or why there is none. */
export type ReplyHandler = (answer: Buffer | PostroadError) => void

const replyTo = '/temp-queue/replies'
const waitingMax = 1_024

interface Waiting {
  readonly onReply: ReplyHandler
  readonly cancel: Cancel
}

/** The answers of one connected client. Make one per client. */
export class ReplyMailbox {
  private readonly clock: Clock
  private readonly client: StompClient
  private readonly waiting = new Map<string, Waiting>()
  private lastId = 0

  constructor(clock: Clock, client: StompClient) {
    this.clock = clock
    this.client = client
    client.subscribe({ destination: replyTo, onMessage: (message) => this.onReply(message) })
  }

  /**
   * Sends a request; `onReply` is called once, later.
   * @throws PostroadError REMOTE_CLOSED if the client is not connected
   */
  request(destination: string, body: string, timeoutMs: number, onReply: ReplyHandler): void {
    if (this.waiting.size >= waitingMax) {
      const text = `${waitingMax} requests wait for an answer; let some of them end first`
      throw new PostroadError('LOCAL_LIMIT_REACHED', text)
    }
    this.lastId += 1
    const id = String(this.lastId)
    this.client.send(destination, body, {
      headers: [
        ['reply-to', replyTo],
        ['correlation-id', id],
        ['content-type', 'application/json'],
        // An answer nobody waits for any more need not be made.
        ['expiration', String(timeoutMs)]
      ]
    })
    const cancel = this.clock.schedule(timeoutMs, () => {
      const text = `no answer to ${destination} within ${timeoutMs} ms`
      this.finish(id, new PostroadError('LOCAL_TIMEOUT', text, { destination, timeoutMs }))
    })
    this.waiting.set(id, { onReply, cancel })
  }

  /** Ends every request that still waits, as when the client closed. */
  close(error: PostroadError): void {
    for (const id of [...this.waiting.keys()]) this.finish(id, error)
  }

  private onReply(message: ReceivedMessage): void {
    const header = message.headers.find(([name]) => name === 'correlation-id')
    if (header !== undefined) this.finish(header[1], message.body)
  }

  private finish(id: string, answer: Buffer | PostroadError): void {
    const waiting = this.waiting.get(id)
    if (waiting === undefined) return
    this.waiting.delete(id)
    waiting.cancel()
    waiting.onReply(answer)
  }
}
