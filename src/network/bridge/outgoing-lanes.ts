// The sending half of the custody channel to one broker: its two lanes as one. What is persistent
// waits for disks, here and at the other end; what is not never stands behind it. Both take turns
// at the connection.

import type { Message } from '../../broker/index.ts'
import { type Ack, lanes, type Receptions, type Rejection } from '../bridge-protocol/index.ts'
import {
  type ChannelPort,
  OutgoingChannel,
  type OutgoingDeps,
  type OutgoingOptions,
  type Resumption,
  type Returned
} from './outgoing-channel.ts'

/** Messages one lane may write before it is the other one's turn. */
const turnMessages = 64

/** What the other end says that it has of both lanes. */
export interface LanesResumption extends Omit<Resumption, 'received'> {
  readonly received: Receptions
}

/** See the top of this file. One per remote broker. */
export class OutgoingLanes {
  readonly volatile: OutgoingChannel
  readonly persistent: OutgoingChannel

  constructor(peer: string, deps: OutgoingDeps, options: OutgoingOptions) {
    const onProgress = (): void => this.pump()
    const logged = { ...deps, onProgress }
    this.volatile = new OutgoingChannel(peer, lanes.volatile, { ...deps, log: undefined }, options)
    this.persistent = new OutgoingChannel(peer, lanes.persistent, logged, options)
  }

  /** Messages accepted and not yet acknowledged or handed back. */
  get pending(): number {
    return this.volatile.pending + this.persistent.pending
  }

  /** Bytes they account for. */
  get pendingBytes(): number {
    return this.volatile.pendingBytes + this.persistent.pendingBytes
  }

  /** True when `send` would accept a small message of either kind. */
  get hasRoom(): boolean {
    return this.volatile.hasRoom && this.persistent.hasRoom
  }

  /** True when `send` would accept a small message of that kind. */
  hasRoomFor(isPersistent: boolean): boolean {
    return this.of(isPersistent).hasRoom
  }

  recover(): void {
    this.persistent.recover()
  }

  send(message: Message, targets: readonly string[], flags: number): 'accepted' | 'full' {
    return this.of(message.isPersistent).send(message, targets, flags)
  }

  acknowledge({ lane, highWater }: Ack): boolean {
    return this.of(lane === lanes.persistent).acknowledge(highWater)
  }

  reject(rejection: Rejection): boolean {
    return this.of(rejection.lane === lanes.persistent).reject(rejection)
  }

  attach(port: ChannelPort, { received, ...peer }: LanesResumption): Returned[] | 'impossible' {
    const ofVolatile = this.volatile.attach(port, { ...peer, received: received[0] })
    const ofPersistent = this.persistent.attach(port, { ...peer, received: received[1] })
    if (ofVolatile === 'impossible' || ofPersistent === 'impossible') return 'impossible'
    return joined(ofVolatile, ofPersistent)
  }

  detach(how: 'keep' | 'hold' | 'final'): Returned[] {
    return joined(this.volatile.detach(how), this.persistent.detach(how))
  }

  takeOutbox(): Returned[] {
    return joined(this.volatile.takeOutbox(), this.persistent.takeOutbox())
  }

  resolve({ received, ...peer }: LanesResumption): Returned[] {
    const ofVolatile = this.volatile.resolve({ ...peer, received: received[0] })
    return joined(ofVolatile, this.persistent.resolve({ ...peer, received: received[1] }))
  }

  abandon(): Returned[] {
    return joined(this.volatile.abandon(), this.persistent.abandon())
  }

  /** Writes what may be written, of both in turns. */
  pump(): void {
    const { volatile, persistent } = this
    for (let isMore = true; isMore; ) {
      const isMoreVolatile = volatile.pumpSome(turnMessages)
      isMore = persistent.pumpSome(turnMessages) || isMoreVolatile
    }
    volatile.tellRoom()
    persistent.tellRoom()
  }

  sweep(): void {
    this.volatile.sweep()
    this.persistent.sweep()
  }

  private of(isPersistent: boolean): OutgoingChannel {
    return isPersistent ? this.persistent : this.volatile
  }
}

function joined(first: Returned[], second: Returned[]): Returned[] {
  if (first.length === 0) return second
  for (const item of second) first.push(item)
  return first
}
