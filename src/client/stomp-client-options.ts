// What a STOMP client connection is made with, and what it tells its owner.

import type { PostroadError, TransportUri } from '../base/index.ts'
import type { Clock, StreamTransport } from '../ports/index.ts'

/** The outside world of a client. */
export interface StompClientPorts {
  readonly clock: Clock
  readonly transport: StreamTransport
}

/** Where to connect, and as whom. */
export interface StompClientOptions {
  /** Protocol stomp, over TCP or WebSocket. */
  readonly uri: TransportUri
  readonly login?: string | undefined
  readonly passcode?: string | undefined
  readonly clientId?: string | undefined
  /** Time for the connection and its greeting; 10,000 by default. */
  readonly connectTimeoutMs?: number
  /** Heart-beat interval asked for, both ways; 10,000 by default, 0 for none. */
  readonly heartBeatMs?: number
}

/** What the owner of a client is told. Never called from within a call of the client. */
export interface StompClientHandlers {
  /** The server accepted the client; from here on it may send and subscribe. */
  onConnected(): void
  /** What was sent has left; called after `isCongested` was true. */
  onDrain(): void
  /**
   * The client is of no more use; called exactly once and last. `error` is undefined if
   * `disconnect` was called and the server confirmed it; else REMOTE_CONNECT_FAILED, LOCAL_TIMEOUT,
   * REMOTE_REFUSED with the server's own words, REMOTE_CLOSED or REMOTE_FRAME_MALFORMED.
   */
  onClosed(error: PostroadError | undefined): void
}

/** One message a subscription was sent. */
export interface ReceivedMessage {
  /** Id of the subscription. */
  readonly subscription: string
  readonly destination: string
  readonly messageId: string
  /** What ACK and NACK name it by; undefined where the server wants none. */
  readonly ackId: string | undefined
  /** All headers, in order. */
  readonly headers: readonly (readonly [string, string])[]
  /** The receiver's to keep; never written to again. */
  readonly body: Buffer
}

/** What to receive. */
export interface SubscribeRequest {
  readonly destination: string
  readonly ack?: 'auto' | 'client' | 'client-individual' | undefined
  /** Deliveries the server may have under way; its own default if left out. */
  readonly prefetch?: number | undefined
  readonly selector?: string | undefined
  /** Name of a durable topic subscription; needs a client id. */
  readonly durable?: string | undefined
  onMessage(message: ReceivedMessage): void
}

/** What a SEND may have besides destination and body. */
export interface SendOptions {
  readonly headers?: readonly (readonly [string, string])[]
  /** Called when the server confirms; never called if the connection ends first. */
  readonly onReceipt?: (() => void) | undefined
}
