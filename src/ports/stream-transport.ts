// Byte streams between processes as a port: TCP and WebSocket in src/platform/, virtual ones in
// sim/.

import type { Carrier, PostroadError } from '../base/index.ts'
import type { Cancel } from './clock.ts'

/** Where to listen or dial. */
export interface StreamEndpoint {
  readonly carrier: Carrier
  readonly host: string
  readonly port: number
  /** WebSocket path; ignored by TCP. */
  readonly path: string
  /**
   * WebSocket subprotocols offered (dialler) or accepted (listener), best first; empty for none.
   */
  readonly subprotocols: readonly string[]
}

/** What the owner of a connection is told. Never called before `accept` or `done` returned. */
export interface StreamHandlers {
  /** Bytes arrived. They are the receiver's to keep: the transport never writes to them again. */
  onData(bytes: Buffer): void
  /** Everything queued by `write` has been sent. */
  onDrain(): void
  /**
   * The connection is gone; called exactly once and last. `cause` is undefined for an orderly end.
   */
  onClose(cause: Error | undefined): void
}

/** One established full-duplex byte stream. */
export interface StreamConnection {
  /** The other end, for logs: 'host:port'. */
  readonly remoteAddress: string
  /** The WebSocket subprotocol agreed on, or ''. */
  readonly subprotocol: string
  /** Bytes accepted by `write` and not yet sent. */
  readonly bytesQueued: number
  /**
   * Sends bytes, in order. 'written': the bytes are the caller's again. 'queued': the transport
   * keeps them until sent, the caller must not change them, and `onDrain` will follow. After
   * the end of the connection it answers 'written' and drops them.
   */
  write(bytes: Buffer): 'written' | 'queued'
  /** Stops `onData` soon; bytes stay in the operating system's buffers and so slow the sender. */
  pauseReading(): void
  resumeReading(): void
  /** Sends what is queued, then ends; what still arrives is dropped, `onClose` follows. */
  end(): void
  /** Ends the connection at once; no `onData` any more, `onClose` follows. */
  destroy(): void
}

/** An open listener. */
export interface StreamListener {
  /** The port in use (the real one where 0 was asked for). */
  readonly port: number
  /** Stops accepting. Established connections stay. */
  close(): void
}

/** Opens listeners and dials. */
export interface StreamTransport {
  /**
   * Opens a listener. `accept` is called for each new connection and answers who handles it, or
   * undefined to refuse it. `done` is called once, later, with the listener or with
   * LOCAL_ADDRESS_IN_USE or LOCAL_LISTEN_FAILED.
   */
  listen(
    endpoint: StreamEndpoint,
    accept: (connection: StreamConnection) => StreamHandlers | undefined,
    done: (result: StreamListener | PostroadError) => void
  ): void
  /**
   * Dials. `done` is called once, later, and answers who handles the connection; on failure it is
   * called with REMOTE_CONNECT_FAILED or LOCAL_TIMEOUT and its answer is ignored. Cancelling
   * means `done` is never called.
   */
  dial(
    endpoint: StreamEndpoint,
    timeoutMs: number,
    done: (result: StreamConnection | PostroadError) => StreamHandlers | undefined
  ): Cancel
}
