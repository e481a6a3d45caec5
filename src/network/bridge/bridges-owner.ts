// What the bridges of a broker tell the rest of it. Implemented by the network's facade: routing,
// the map and demand are decided there, bridges only carry.

import type { Message } from '../../broker/index.ts'
import type {
  Answer,
  Digest,
  Grant,
  Hello,
  Inquiry,
  Lane,
  Refusal,
  RejectionCode,
  Short
} from '../bridge-protocol/index.ts'
import type { DemandDelta, DemandMark, DemandSnapshot } from '../demand/index.ts'
import type { BrokerRecord } from '../map/index.ts'
import type { Bridge } from './bridge.ts'
import type { Returned } from './outgoing-channel.ts'

/** Why a message is not taken from a bridge. */
export interface MessageRefusal {
  readonly code: RejectionCode
  readonly text: string
}

/** Callbacks are never made from within `Bridge.sendMessage`. */
export interface BridgesOwner {
  /** A reason not to be bridged with that broker, such as 'name-in-use', or undefined. */
  refuseReason(hello: Hello): Refusal | undefined
  onBridgeUp(bridge: Bridge): void
  /** `cause` starts with a code, such as 'shutting-down: …' or 'closed: …'. */
  onBridgeDown(bridge: Bridge, cause: string): void
  /** The record of a broker that is held already; the same one heard again is not told. */
  heldRecord(broker: string): BrokerRecord | undefined
  /** Which demand of a broker is held; what is no newer is not told. */
  heldDemand(broker: string): DemandMark | undefined
  onRecord(bridge: Bridge, record: BrokerRecord): void
  /** The peer sent one that is older than `ours`, which is held. */
  onOlderRecord(bridge: Bridge, ours: BrokerRecord): void
  onDigest(bridge: Bridge, digest: Digest): void
  onDemandSnapshot(bridge: Bridge, snapshot: DemandSnapshot): void
  onDemandDelta(bridge: Bridge, delta: DemandDelta): void
  onDemandRequest(bridge: Bridge, broker: string): void
  /** Both for this broker, or to be handed on. */
  onInquiry(bridge: Bridge, inquiry: Inquiry): void
  onAnswer(bridge: Bridge, answer: Answer): void
  onGrant(bridge: Bridge, grant: Grant): void
  onShort(bridge: Bridge, short: Short): void
  /**
   * Takes custody of a message: it is acknowledged once this returns. `flags` are bits of
   * `transferFlags`; `targets` is shared and must not be changed.
   * @returns why it is not taken, for the broker that has it then; undefined if it is
   */
  onMessage(
    bridge: Bridge,
    message: Message,
    targets: readonly string[],
    flags: number
  ): MessageRefusal | undefined
  /** Custody of messages given to a bridge before is back here. */
  onReturned(items: readonly Returned[]): void
  /** `sendMessage` to that broker answered 'full' for a message of that lane and would accept. */
  onRoom(peer: string, lane: Lane): void
  /** True while this broker wants less: acknowledgements are held back, which slows senders. */
  isCongested(): boolean
}
