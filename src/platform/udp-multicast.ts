// Multicast datagrams for real, over UDP sockets. One socket per membership; several programs of
// one machine may be members of the same group.

import { createSocket, type Socket } from 'node:dgram'
import { assert, type PostroadError } from '../base/index.ts'
import {
  type Logger,
  type Multicast,
  type MulticastGroup,
  type MulticastHandlers,
  type MulticastMember,
  silentLogger
} from '../ports/index.ts'
import { joinFailure } from './socket-errors.ts'

/** Fits one Ethernet frame with room for headers and tunnels. */
const datagramBytesMax = 1_400

/** All optional. */
export interface UdpMulticastOptions {
  /** Told when datagrams can no longer be sent, and when they can again; silent by default. */
  readonly logger?: Logger
}

/** Makes the multicast of this process. */
export function createUdpMulticast(options: UdpMulticastOptions = {}): Multicast {
  const logger = options.logger ?? silentLogger
  return { join: (group, handlers, done) => join(logger, group, handlers, done) }
}

function join(
  logger: Logger,
  group: MulticastGroup,
  handlers: MulticastHandlers,
  done: (result: MulticastMember | PostroadError) => void
): void {
  const isIpv6 = group.address.includes(':')
  const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', reuseAddr: true })
  const onFailure = (error: unknown) => {
    socket.close()
    done(joinFailure(error, { host: group.address, port: group.port }))
  }
  socket.once('error', onFailure)
  // Bound to the group's own address, Linux hands over only this group's datagrams; Windows refuses
  // that and has to take all of the port's.
  const address = process.platform === 'win32' ? undefined : group.address
  socket.bind({ port: group.port, ...(address === undefined ? {} : { address }) }, () => {
    try {
      prepare(socket, group)
    } catch (error) {
      socket.off('error', onFailure)
      socket.on('error', () => {})
      onFailure(error)
      return
    }
    socket.off('error', onFailure)
    done(new UdpMember(logger, socket, group, handlers))
  })
}

function prepare(socket: Socket, group: MulticastGroup): void {
  const { address, interfaceAddress } = group
  if (interfaceAddress !== undefined) socket.setMulticastInterface(interfaceAddress)
  socket.addMembership(address, interfaceAddress)
  // Brokers of one machine find each other too; and nothing leaves the local network.
  socket.setMulticastLoopback(true)
  socket.setMulticastTTL(1)
}

class UdpMember implements MulticastMember {
  private readonly socket: Socket
  private readonly group: MulticastGroup
  private readonly logger: Logger
  private isClosed = false
  private isFailing = false
  private cause: Error | undefined

  constructor(logger: Logger, socket: Socket, group: MulticastGroup, handlers: MulticastHandlers) {
    this.logger = logger
    this.socket = socket
    this.group = group
    socket.on('message', (bytes, sender) => {
      if (!this.isClosed) handlers.onDatagram(bytes, sender.address)
    })
    socket.on('error', (error) => {
      this.cause ??= error
      this.close()
    })
    socket.on('close', () => handlers.onClose(this.cause))
  }

  send(bytes: Buffer): void {
    assert(bytes.length <= datagramBytesMax, 'a datagram holds at most 1,400 bytes')
    if (this.isClosed) return
    // Node sends after a look-up, so the bytes need a copy if the caller is to have them back.
    this.socket.send(Buffer.from(bytes), this.group.port, this.group.address, this.onSent)
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.socket.close()
  }

  /** What cannot be sent is lost, as any datagram may be; the log hears of the first in a row. */
  private readonly onSent = (error: Error | null): void => {
    const isFailing = error !== null
    if (isFailing === this.isFailing || this.isClosed) return
    this.isFailing = isFailing
    const { address, port } = this.group
    if (isFailing)
      this.logger.warn('multicast-send-failed', { address, port, reason: error.message })
    else this.logger.info('multicast-send-works', { address, port })
  }
}
