// The STOMP side of one broker: takes connections of its listeners and gives each a session.

import { mark } from '../../base/index.ts'
import type { Broker } from '../../broker/index.ts'
import type { Clock, Logger, StreamConnection, StreamHandlers } from '../../ports/index.ts'
import type { Authenticator } from './authenticator.ts'
import { encodeFrame } from './codec/index.ts'
import { type SessionContext, StompSession } from './session.ts'
import { SessionRegistry } from './session-registry.ts'
import type { StompLimits } from './stomp-limits.ts'

/**
 * WebSocket subprotocols a STOMP client may offer, best first [STOMP 1.2; registered with IANA].
 */
export const stompSubprotocols: readonly string[] = ['v12.stomp', 'v11.stomp', 'v10.stomp']

/** What a STOMP server is made of. */
export interface StompServerOptions {
  readonly broker: Broker
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: StompLimits
  readonly authenticator: Authenticator
  readonly serverName: string
}

/** All STOMP conversations of one broker. */
export class StompServer {
  readonly registry: SessionRegistry
  private readonly context: SessionContext
  private isStopping = false

  constructor(options: StompServerOptions) {
    this.registry = new SessionRegistry(options.clock)
    this.context = { ...options, registry: this.registry }
  }

  /** For a listener's `accept`. Over the limit the client is told so, and nobody else notices. */
  readonly accept = (connection: StreamConnection): StreamHandlers | undefined => {
    const { connectionsMax } = this.context.limits
    if (this.isStopping) return undefined
    if (this.registry.size >= connectionsMax) {
      mark('client-connections-limit-reached')
      const message = `the broker takes ${connectionsMax} connections (limits.connectionsMax)`
      connection.write(encodeFrame('ERROR', [['message', message]]))
      connection.end()
      this.context.logger.warn('connection-refused', {
        remote: connection.remoteAddress,
        reason: message
      })
      return { onData() {}, onDrain() {}, onClose() {} }
    }
    const session = new StompSession(this.context, connection, this.registry.nextNumber())
    this.registry.add(session)
    return session
  }

  /** Tells every client that the broker stops, and ends the connections. */
  stop(): void {
    this.isStopping = true
    for (const session of [...this.registry.all()]) session.stop()
  }
}
