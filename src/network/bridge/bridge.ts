// A bridge: a live connection to another broker, as the rest of the broker uses it. Sends messages
// through the pair's custody channel and facts beside it; hands what arrives to the owner.
//
// DATA is the hot path: no closure, no promise, and no object but the message itself.

import { assert, mark } from '../../base/index.ts'
import type { DestinationTable, Message } from '../../broker/index.ts'
import type { Clock, Logger } from '../../ports/index.ts'
import {
  type Answer,
  ackFrame,
  answerFrame,
  type ByteReader,
  compareRecordAhead,
  DataDecoder,
  DataEncoder,
  type Digest,
  dataFrameBytesMax,
  decodeFrame,
  defineFrame,
  deltaFrame,
  demandFrame,
  demandRequestFrame,
  digestFrame,
  epochFrame,
  type FrameCodec,
  type FrameOutput,
  fitsDataFrame,
  frameTypeName,
  frameTypes,
  type Grant,
  grantFrame,
  type Hello,
  type Inquiry,
  inquiryFrame,
  isDemandKnown,
  type Lane,
  lengthFieldBytes,
  type OriginTable,
  peekRecordBroker,
  pingFrame,
  pongFrame,
  type RefusalCode,
  type Rejection,
  recordFrame,
  rejectFrame,
  resetFrame,
  type Short,
  shortFrame,
  skippableTypeFirst,
  voidFrame
} from '../bridge-protocol/index.ts'
import type { DemandDelta, DemandMark, DemandSnapshot } from '../demand/index.ts'
import { type BrokerRecord, ForwardFilter, type ForwardFilterSpec } from '../map/index.ts'
import type { BridgeConnection, FrameReceiver } from './bridge-connection.ts'
import type { BridgesOwner } from './bridges-owner.ts'
import type { IncomingChannel, IncomingPort } from './incoming-channel.ts'
import type { IncomingLanes } from './incoming-lanes.ts'
import { Liveness, type LivenessOptions, type LivenessOwner } from './liveness.ts'
import type { ChannelPort } from './outgoing-channel.ts'
import type { OutgoingLanes } from './outgoing-lanes.ts'

/** What crossed a bridge. Messages are DATA frames only; everything else is control. */
export interface BridgeCounters {
  /** Those sent again after a reconnect count again. */
  readonly messagesSent: number
  readonly messagesReceived: number
  /** Received again after a reconnect, and dropped. */
  readonly duplicatesDropped: number
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly controlBytesSent: number
}

/** What a bridge is made of. */
export interface BridgeParts {
  readonly connection: BridgeConnection
  readonly hello: Hello
  readonly outgoing: OutgoingLanes
  readonly incoming: IncomingLanes
  readonly owner: BridgesOwner
  readonly clock: Clock
  readonly logger: Logger
  readonly destinations: DestinationTable
  readonly origins: OriginTable
  readonly liveness: LivenessOptions
}

/** See the top of this file. A bridge is used from `onBridgeUp` to `onBridgeDown`. */
export class Bridge implements FrameReceiver, ChannelPort, IncomingPort, LivenessOwner {
  /** Name, identity and life of the broker at the other end. */
  readonly peer: string
  readonly peerId: string
  readonly peerIncarnation: number
  /** The larger of both ends' costs. */
  readonly cost: number
  /** True when this broker dialled. */
  readonly isDialler: boolean
  /** Name of the dialler's network connector. */
  readonly connectorName: string
  /** False when the connector is one-way and this is the wrong end. */
  readonly maySend: boolean
  readonly mayReceive: boolean
  /** What the dialler's connector lets across; two empty lists for everything. */
  readonly filter: ForwardFilterSpec
  readonly remoteAddress: string
  private readonly forwardFilter: ForwardFilter
  private readonly connection: BridgeConnection
  private readonly output: FrameOutput
  private readonly outgoing: OutgoingLanes
  private readonly incoming: IncomingLanes
  private readonly owner: BridgesOwner
  private readonly clock: Clock
  private readonly logger: Logger
  private readonly encoder: DataEncoder
  private readonly decoder: DataDecoder
  private readonly liveness: Liveness
  private readonly peerFrameBytesMax: number
  private readonly duplicatesBefore: number
  private readonly heldDemand: (broker: string) => DemandMark | undefined
  private readonly transfer: { targets: readonly string[]; flags: number }
  private messagesSent = 0
  private messagesReceived = 0

  constructor(parts: BridgeParts) {
    const { connection, hello, incoming, owner, clock } = parts
    const own = connection.terms.hello
    const dialled = connection.isDialler ? own : hello
    this.peer = hello.broker
    this.peerId = hello.brokerId
    this.peerIncarnation = hello.incarnation
    this.cost = Math.max(own.cost, hello.cost)
    this.isDialler = connection.isDialler
    this.connectorName = dialled.connectorName
    this.maySend = dialled.isDuplex || connection.isDialler
    this.mayReceive = dialled.isDuplex || !connection.isDialler
    this.filter = { include: dialled.include, exclude: dialled.exclude }
    this.forwardFilter = new ForwardFilter(this.filter)
    this.remoteAddress = connection.remoteAddress
    this.connection = connection
    this.output = connection.output
    this.outgoing = parts.outgoing
    this.incoming = incoming
    this.owner = owner
    this.clock = clock
    this.logger = parts.logger
    this.encoder = new DataEncoder(this.output)
    this.decoder = new DataDecoder(hello.broker, parts.destinations, parts.origins)
    this.liveness = new Liveness(clock, parts.liveness, this)
    this.peerFrameBytesMax = hello.frameBytesMax
    this.duplicatesBefore = incoming.duplicates
    this.heldDemand = (broker) => owner.heldDemand(broker)
    this.transfer = { targets: [], flags: 0 }
  }

  /** Monotonic time at which the bridge was agreed on. */
  get sinceMs(): number {
    return this.connection.standingSinceMs
  }

  /** Smoothed round trip in milliseconds; undefined before the first measurement. */
  get rttMs(): number | undefined {
    return this.liveness.rttMs
  }

  get counters(): BridgeCounters {
    return {
      messagesSent: this.messagesSent,
      messagesReceived: this.messagesReceived,
      duplicatesDropped: this.incoming.duplicates - this.duplicatesBefore,
      bytesSent: this.output.bytesSent,
      bytesReceived: this.connection.bytesReceived,
      controlBytesSent: this.output.controlBytesSent
    }
  }

  /** Messages given to this bridge and not yet in the peer's custody. */
  get messagesPending(): number {
    return this.outgoing.pending
  }

  /** Bytes they account for. */
  get bytesPending(): number {
    return this.outgoing.pendingBytes
  }

  /** True when `sendMessage` would accept a message. */
  get hasRoom(): boolean {
    return this.connection.isOpen && this.outgoing.hasRoom
  }

  /** The same for a small message of that kind. */
  hasRoomFor(isPersistent: boolean): boolean {
    return this.connection.isOpen && this.outgoing.hasRoomFor(isPersistent)
  }

  /**
   * Gives a message for `targets` to the peer. 'accepted': custody has passed to the channel, which
   * either gets it acknowledged or gives it back by `onReturned`. 'full': the caller keeps it until
   * `onRoom`, or for good when the bridge is down. `targets` must not be changed afterwards.
   * @param flags bits of `transferFlags`
   */
  sendMessage(message: Message, targets: readonly string[], flags: number): 'accepted' | 'full' {
    assert(this.maySend, 'nothing is sent against the direction of a one-way bridge')
    assert(targets.length > 0, 'a message that crosses a bridge has a target')
    if (!this.connection.isOpen) {
      mark('bridge-message-after-end')
      return 'full'
    }
    return this.outgoing.send(message, targets, flags)
  }

  sendRecord(record: BrokerRecord): void {
    this.sendControl(recordFrame, record)
  }

  sendDigest(digest: Digest): void {
    this.sendControl(digestFrame, digest)
  }

  sendDemand(snapshot: DemandSnapshot): void {
    this.sendControl(demandFrame, snapshot)
  }

  sendDelta(delta: DemandDelta): void {
    this.sendControl(deltaFrame, delta)
  }

  sendDemandRequest(broker: string): void {
    this.sendControl(demandRequestFrame, broker)
  }

  sendInquiry(inquiry: Inquiry): void {
    this.sendControl(inquiryFrame, inquiry)
  }

  sendAnswer(answer: Answer): void {
    this.sendControl(answerFrame, answer)
  }

  sendGrant(grant: Grant): void {
    this.sendControl(grantFrame, grant)
  }

  sendShort(short: Short): void {
    this.sendControl(shortFrame, short)
  }

  /** True when this bridge runs over that connection. */
  runsOver(connection: BridgeConnection): boolean {
    return this.connection === connection
  }

  /** Says GOODBYE with a reason, hears the peer's last acknowledgements, and ends. */
  close(code: RefusalCode, text: string): void {
    this.connection.leave({ code, text })
  }

  /** Starts watching whether the peer lives. */
  start(): void {
    this.liveness.start()
  }

  /** Stops watching; the connection is gone. */
  stop(): void {
    this.liveness.stop()
  }

  /** Asks the peer for a sign of life now; the bridge ends if none comes. */
  probe(): void {
    this.liveness.probe()
  }

  // What the connection tells.

  onHeard(): void {
    this.liveness.onHeard()
  }

  onDrain(): void {
    this.outgoing.pump()
  }

  get isSafe(): boolean {
    return this.incoming.isSafe
  }

  whenSafe(callback: () => void): void {
    this.incoming.whenSafe(callback)
  }

  onEnding(): void {
    this.liveness.stop()
    this.incoming.acknowledgeFinally()
  }

  onFrame(type: number, reader: ByteReader): string | undefined {
    switch (type) {
      case frameTypes.data:
        return this.onData(reader)
      case frameTypes.ack:
        return this.onAck(reader)
      case frameTypes.reject:
        return this.onReject(reader)
      case frameTypes.void:
        return this.onVoid(reader)
      case frameTypes.define: {
        const define = decodeFrame(defineFrame, reader)
        return define === undefined ? reader.fault : this.decoder.define(define)
      }
      case frameTypes.reset: {
        const kind = decodeFrame(resetFrame, reader)
        if (kind !== undefined) this.decoder.reset(kind)
        return reader.fault
      }
      case frameTypes.epoch: {
        const epoch = decodeFrame(epochFrame, reader)
        if (epoch === undefined) return reader.fault
        return this.incoming.of(epoch.lane).begin(epoch.epoch, epoch.first)
      }
      case frameTypes.ping: {
        const id = decodeFrame(pingFrame, reader)
        if (id !== undefined) this.output.send(pongFrame, id)
        return reader.fault
      }
      case frameTypes.pong: {
        const id = decodeFrame(pongFrame, reader)
        if (id !== undefined) this.liveness.onPong(id)
        return reader.fault
      }
      default:
        return this.onFact(type, reader)
    }
  }

  // What the channels ask for.

  get isWritable(): boolean {
    return !this.output.isBusy && this.connection.isOpen
  }

  fits(message: Message, targets: readonly string[]): boolean {
    if (!fitsDataFrame(message, targets)) return false
    return dataFrameBytesMax(message, targets) <= this.peerFrameBytesMax
  }

  lets({ destination }: Message): boolean {
    return this.maySend && this.forwardFilter.admits(destination)
  }

  writeData(sequence: number, message: Message, targets: readonly string[], flags: number): void {
    this.messagesSent += 1
    const { transfer } = this
    transfer.targets = targets
    transfer.flags = flags
    this.encoder.encode(sequence, message, transfer, this.clock)
  }

  writeEpoch(lane: Lane, epoch: number, first: number): void {
    this.output.send(epochFrame, { lane, epoch, first })
  }

  writeVoid(lane: Lane, sequence: number): void {
    this.output.send(voidFrame, { lane, sequence })
  }

  isCongested(): boolean {
    return this.owner.isCongested()
  }

  writeAck(lane: Lane, highWater: number): void {
    this.output.send(ackFrame, { lane, highWater })
  }

  writeReject(rejection: Rejection): void {
    this.logger.warn('message-refused', { peer: this.peer, ...rejection })
    this.output.send(rejectFrame, rejection)
  }

  // What the watch over the peer asks for.

  get bytesWritten(): number {
    return this.output.bytesSent + this.output.buffer.length
  }

  sendPing(id: number): void {
    this.output.send(pingFrame, id)
  }

  onInterval(): void {
    this.outgoing.sweep()
    if (!this.output.isOverrun) return
    mark('bridge-control-not-read')
    this.connection.end({ code: 'not-reading', text: 'too many control frames wait unread' })
  }

  onSilent(silentMs: number): void {
    mark('bridge-silent')
    this.connection.end({ code: 'silent', text: `nothing was heard for ${silentMs} ms` })
  }

  private onData(reader: ByteReader): string | undefined {
    const frameBytes = reader.left + lengthFieldBytes + 1
    if (!this.mayReceive) {
      mark('bridge-data-against-one-way')
      return 'DATA: came against the direction of a one-way bridge'
    }
    const { decoder } = this
    const message = decoder.decode(reader, this.clock)
    const { fault } = reader
    if (message === undefined && !decoder.isOneBad) {
      mark('bridge-data-malformed')
      return `DATA: ${fault}`
    }
    const incoming = this.incoming.of(decoder.lane)
    const verdict = incoming.judge(decoder.sequence)
    if (verdict === 'gap') return gapText('DATA', decoder.sequence, incoming)
    if (verdict !== 'next') return undefined
    if (message === undefined) {
      mark('bridge-message-undecodable')
      incoming.reject('undecodable', `the broker cannot read it: ${fault}`)
      return undefined
    }
    const refusal = this.owner.onMessage(this, message, decoder.targets, decoder.flags)
    if (refusal !== undefined) {
      incoming.reject(refusal.code, refusal.text)
      return undefined
    }
    this.messagesReceived += 1
    incoming.taken(frameBytes)
    return undefined
  }

  private onVoid(reader: ByteReader): string | undefined {
    const gone = decodeFrame(voidFrame, reader)
    if (gone === undefined) return reader.fault
    const incoming = this.incoming.of(gone.lane)
    const verdict = incoming.judge(gone.sequence)
    if (verdict === 'gap') return gapText('VOID', gone.sequence, incoming)
    if (verdict === 'next') incoming.taken(0)
    return undefined
  }

  private onAck(reader: ByteReader): string | undefined {
    const ack = decodeFrame(ackFrame, reader)
    if (ack === undefined) return reader.fault
    if (this.outgoing.acknowledge(ack)) return undefined
    mark('channel-ack-impossible')
    return `ACK: high water is ${ack.highWater}, which was never sent`
  }

  private onReject(reader: ByteReader): string | undefined {
    const rejection = decodeFrame(rejectFrame, reader)
    if (rejection === undefined) return reader.fault
    if (this.outgoing.reject(rejection)) return undefined
    mark('channel-reject-impossible')
    return `REJECT: sequence is ${rejection.sequence}, which is not under way`
  }

  private onFact(type: number, reader: ByteReader): string | undefined {
    const { owner } = this
    switch (type) {
      case frameTypes.record: {
        const held = owner.heldRecord(peekRecordBroker(reader))
        const known = held === undefined ? 'other' : compareRecordAhead(reader, held)
        if (known === 'older') owner.onOlderRecord(this, held!)
        if (known !== 'other') return undefined
        const record = decodeFrame(recordFrame, reader)
        if (record !== undefined) owner.onRecord(this, record)
        return reader.fault
      }
      case frameTypes.digest: {
        const digest = decodeFrame(digestFrame, reader)
        if (digest !== undefined) owner.onDigest(this, digest)
        return reader.fault
      }
      case frameTypes.demand: {
        if (isDemandKnown(reader, this.heldDemand)) return undefined
        const snapshot = decodeFrame(demandFrame, reader)
        if (snapshot !== undefined) owner.onDemandSnapshot(this, snapshot)
        return reader.fault
      }
      case frameTypes.delta: {
        const delta = decodeFrame(deltaFrame, reader)
        if (delta !== undefined) owner.onDemandDelta(this, delta)
        return reader.fault
      }
      case frameTypes.demandRequest: {
        const broker = decodeFrame(demandRequestFrame, reader)
        if (broker !== undefined) owner.onDemandRequest(this, broker)
        return reader.fault
      }
      case frameTypes.inquiry: {
        const inquiry = decodeFrame(inquiryFrame, reader)
        if (inquiry !== undefined) owner.onInquiry(this, inquiry)
        return reader.fault
      }
      case frameTypes.answer: {
        const answer = decodeFrame(answerFrame, reader)
        if (answer !== undefined) owner.onAnswer(this, answer)
        return reader.fault
      }
      case frameTypes.grant: {
        const grant = decodeFrame(grantFrame, reader)
        if (grant !== undefined) owner.onGrant(this, grant)
        return reader.fault
      }
      case frameTypes.short: {
        const short = decodeFrame(shortFrame, reader)
        if (short !== undefined) owner.onShort(this, short)
        return reader.fault
      }
      default:
        if (type >= skippableTypeFirst) {
          mark('bridge-frame-skipped')
          return undefined
        }
        mark('bridge-frame-unexpected')
        return `${frameTypeName(type)} is no frame of an open bridge`
    }
  }

  private sendControl<T>(codec: FrameCodec<T>, value: T): void {
    if (!this.connection.isOpen) {
      mark('bridge-fact-after-end')
      return
    }
    if (this.output.send(codec, value) === 'sent') return
    mark('bridge-fact-too-large')
    this.logger.error('bridge-frame-too-large', { peer: this.peer, frame: codec.name })
  }
}

function gapText(frame: string, sequence: number, { highWater }: IncomingChannel): string {
  mark('channel-gap')
  return `${frame}: sequence is ${sequence}, expected ${highWater + 1}`
}
