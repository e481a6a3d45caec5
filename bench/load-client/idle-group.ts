// Many STOMP connections that do nothing, to weigh what one costs the broker. It sends nothing
// after CONNECT. Invariant: `open` answers only when every connection was accepted.

import { inTurn, type Opened } from './load-group.ts'
import type { StompEndpoint } from './load-plan.ts'
import { StompSocket } from './stomp-socket.ts'

const connectingMax = 50
const readBytes = 1024

/** Connections without traffic. */
export class IdleGroup {
  private readonly endpoint: StompEndpoint
  private readonly connections: number
  private readonly onFailure: (reason: Error) => void
  private readonly sockets: StompSocket[] = []

  constructor(endpoint: StompEndpoint, connections: number, onFailure: (reason: Error) => void) {
    this.endpoint = endpoint
    this.connections = connections
    this.onFailure = onFailure
  }

  async open(): Promise<Opened> {
    let server = ''
    const handlers = { onFrame: () => {}, onClosed: this.onFailure }
    const start = async (): Promise<void> => {
      const opened = await StompSocket.open(this.endpoint, handlers, readBytes)
      this.sockets.push(opened.socket)
      server = opened.welcome.server
    }
    await inTurn(new Array<() => Promise<void>>(this.connections).fill(start), connectingMax)
    return { server }
  }

  close(): void {
    for (const socket of this.sockets) socket.close()
  }
}
