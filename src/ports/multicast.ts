// Multicast datagrams as a port; what discovery agents hear and shout with.

import type { PostroadError } from '../base/index.ts'

/** A multicast group on the local network. */
export interface MulticastGroup {
  /** Group address, such as '239.255.2.3'. */
  readonly address: string
  readonly port: number
  /** Address of the local interface to use; the operating system's choice if undefined. */
  readonly interfaceAddress: string | undefined
}

/** What a member of a group is told. */
export interface MulticastHandlers {
  /** A datagram arrived, perhaps our own. It may be lost, doubled or late: it is UDP. */
  onDatagram(bytes: Buffer, senderAddress: string): void
  /** Membership failed for good; called at most once, and last. */
  onClose(cause: Error | undefined): void
}

/** One membership. */
export interface MulticastMember {
  /** Sends one datagram of at most 1,400 bytes to the group. Best effort. */
  send(bytes: Buffer): void
  /** Leaves the group; `onClose(undefined)` follows. */
  close(): void
}

/** Joins groups. */
export interface Multicast {
  /** `done` is called once, later, with the membership or with LOCAL_LISTEN_FAILED. */
  join(
    group: MulticastGroup,
    handlers: MulticastHandlers,
    done: (result: MulticastMember | PostroadError) => void
  ): void
}
