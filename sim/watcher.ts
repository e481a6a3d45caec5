// What happens in a simulated world, as those who only watch are told it. Watchers never change
// anything; a judge among them raises complaints.

import type { Message } from '../src/broker/index.ts'
import type { Bridge } from '../src/network/index.ts'
import type { SimEvent } from './plan/index.ts'
import type { BridgeSample } from './report/observed-world.ts'
import type { GiveUp, MessageRecord } from './workload/ledger.ts'

/** A message came over a bridge. */
export interface Crossing {
  readonly from: string
  readonly to: string
  readonly bridge: Bridge
  readonly message: Message
  /** Undefined for messages that are not the workload's, such as those of the admin service. */
  readonly record: MessageRecord | undefined
  readonly targets: readonly string[]
}

/** A broker is about to write a message to a bridge. */
export interface Sending {
  readonly from: string
  readonly to: string
  /** In its channel. */
  readonly sequence: number
  readonly message: Message
}

/** A broker is about to acknowledge what it has taken from another. */
export interface Acknowledging {
  /** Who acknowledges. */
  readonly from: string
  readonly to: string
  /** Of the lane for persistent messages. */
  readonly isPersistent: boolean
  /** Everything of the lane's epoch up to that sequence. */
  readonly highWater: number
}

/** A consumer was handed a message of the workload. */
export interface Delivery {
  readonly record: MessageRecord
  /** Name of the consumer, and which of its subscriptions: 'c1#3'. */
  readonly consumer: string
  readonly session: string
  readonly isRedelivered: boolean
  /** It is not the message but the dead letter a broker made of it. */
  readonly isDeadLetter?: boolean
}

/** Told of what happens, after the ledger. All are optional. */
export interface Watcher {
  /** A step of the timeline is about to happen. */
  onEvent?(event: SimEvent): void
  onAccepted?(record: MessageRecord): void
  onSending?(sending: Sending): void
  onAcknowledging?(acknowledging: Acknowledging): void
  onCrossing?(crossing: Crossing): void
  onDelivered?(delivery: Delivery): void
  /** A broker gave a message of the workload up, under a reason it counts. */
  onGivenUp?(record: MessageRecord, giveUp: GiveUp): void
  /** A broker made a dead letter of a message of the workload. */
  onDeadLettered?(record: MessageRecord, broker: string): void
  /**
   * `broker` took a bridge to `peer` up, or noticed that it is down; then with what it had sent, if
   * that is known.
   */
  onBridge?(broker: string, peer: string, isUp: boolean, last?: BridgeSample): void
  /** A broker is about to lose its memory. */
  onCrash?(broker: string): void
  /** All is well from now on, until `onUnstable`. */
  onStable?(): void
  onUnstable?(): void
  /** Every slice of virtual time, between events. */
  inspect?(): void
  /** Everything is delivered; nothing should happen any more. */
  onQuiet?(): void
  /** Everything has been quiet for some time; the last chance to complain. */
  atRest?(): void
}

/** A judge: watches, and complains under its name. */
export interface Checker extends Watcher {
  readonly name: string
}

/** What keeps the world from being quiet, and which judge says so. */
export interface Pending {
  readonly checker: string
  readonly text: string
}

/** Takes a judge's complaint. */
export type Complain = (checker: string, text: string) => void
