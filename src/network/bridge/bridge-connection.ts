// One connection between two brokers, from the first byte to the last: cuts and dispatches frames,
// holds the handshake against its deadlines, and ends with a reason that both ends can log.
//
// It decides nothing: `owner` judges HELLO and START, and once the bridge is open the receiver
// handles the frames. After `owner.onEnded` nothing more is told about this connection but
// `onGone`.

import { mark } from '../../base/index.ts'
import type { Cancel, Clock, StreamConnection, StreamHandlers } from '../../ports/index.ts'
import {
  ByteReader,
  controlBytesMax,
  decodeFrame,
  type FrameCodec,
  FrameOutput,
  type FrameOutputShares,
  FrameReader,
  frameTypeName,
  frameTypes,
  goodbyeFrame,
  type Hello,
  helloFrame,
  type NameTable,
  partFrame,
  type Refusal,
  type RefusalCode,
  refuseFrame,
  type Start,
  skippableTypeFirst,
  startFrame
} from '../bridge-protocol/index.ts'
import type { DialledConnection, Dialler } from './dialler.ts'
import { PartGatherer } from './part-gatherer.ts'

/** How a connection ended. */
export interface ConnectionEnd {
  readonly code: RefusalCode | 'closed'
  readonly text: string
  /** Who ended it. */
  readonly by: 'us' | 'them'
  /** True when the peer said GOODBYE: what it has not acknowledged, it has not taken. */
  readonly isFinal: boolean
}

/** Decides about connections. */
export interface ConnectionOwner {
  onHello(connection: BridgeConnection, hello: Hello): void
  onStart(connection: BridgeConnection, hello: Hello, start: Start): void
  /** This end has said GOODBYE on an open bridge and waits for the answer. */
  onLeaving(connection: BridgeConnection): void
  /** Called once, when the connection is of no more use; perhaps from within a call to it. */
  onEnded(connection: BridgeConnection, end: ConnectionEnd): void
  /** Called once, when the transport has let go of it. */
  onGone(connection: BridgeConnection): void
}

/** Handles the frames of an open bridge. */
export interface FrameReceiver {
  /** Bytes arrived, whatever is in them. */
  onHeard(byteCount: number): void
  /** Takes one frame's payload; answers what is wrong with it, or undefined. */
  onFrame(type: number, reader: ByteReader): string | undefined
  /** The socket has sent all it had. */
  onDrain(): void
  /** True while everything taken would be known to a later life of this broker. */
  readonly isSafe: boolean
  /** Calls back, at once or later, when that is so. */
  whenSafe(callback: () => void): void
  /** Last chance to write before GOODBYE. */
  onEnding(): void
}

/** What the connections of one broker share. */
export interface ConnectionShares extends FrameOutputShares {
  readonly names: NameTable
}

/** Fixed facts of a connection. */
export interface ConnectionTerms {
  /** The dialler that made it; undefined for an accepted one. */
  readonly dialler: Dialler | undefined
  /** HELLO as this end says it; an acceptor repeats the dialler's duplex flag in it. */
  readonly hello: Hello
  readonly greetingMsMax: number
  readonly frameBytesMax: number
}

type Stage =
  | { readonly name: 'hello' }
  | { readonly name: 'start'; readonly hello: Hello }
  | { readonly name: 'open'; readonly receiver: FrameReceiver }
  | { readonly name: 'leaving'; readonly receiver: FrameReceiver; readonly why: Refusal }
  | { readonly name: 'answering' }
  | { readonly name: 'closed' }

/** How long a connection may take to send its last words, in milliseconds. */
export const lingerMs = 2000

/** See the top of this file. */
export class BridgeConnection implements StreamHandlers, DialledConnection {
  readonly output: FrameOutput
  readonly terms: ConnectionTerms
  readonly remoteAddress: string
  /** When the handshake passed the point where this end counts the connection as the bridge. */
  standingSinceMs = 0
  /** Number of the grant under which it stands; 0 until it does. */
  generation = 0
  bytesReceived = 0
  private readonly connection: StreamConnection
  private readonly owner: ConnectionOwner
  private readonly clock: Clock
  private readonly frames = new FrameReader()
  private readonly reader: ByteReader
  private readonly parts = new PartGatherer()
  private stage: Stage = { name: 'hello' }
  private peerHello: Hello | undefined = undefined
  private isGone = false
  private cancelTimer: Cancel | undefined = undefined

  constructor(
    connection: StreamConnection,
    terms: ConnectionTerms,
    owner: ConnectionOwner,
    shares: ConnectionShares
  ) {
    this.connection = connection
    this.terms = terms
    this.owner = owner
    this.clock = shares.clock
    this.remoteAddress = connection.remoteAddress
    this.reader = new ByteReader(shares.names)
    this.output = new FrameOutput(connection, shares)
    this.setDeadline('HELLO')
  }

  get isDialler(): boolean {
    return this.terms.dialler !== undefined
  }

  /** The peer's HELLO, once it has come. */
  get hello(): Hello | undefined {
    return this.peerHello
  }

  get isClosed(): boolean {
    return this.stage.name === 'closed'
  }

  get isOpen(): boolean {
    return this.stage.name === 'open'
  }

  /** What carries the frames to and from the receiver of the bridge. */
  get handlers(): StreamHandlers {
    return this
  }

  /** Says HELLO; the dialler at once, the acceptor when it has judged the dialler's. */
  sendHello(isDuplex: boolean): void {
    this.output.send(helloFrame, { ...this.terms.hello, isDuplex })
  }

  sendStart(start: Start): void {
    this.output.send(startFrame, start)
  }

  /** The handshake is done: frames go to `receiver` from now on. */
  open(receiver: FrameReceiver): void {
    this.clearTimer()
    this.stage = { name: 'open', receiver }
  }

  /** Ends the connection with a reason; `onEnded` is called before this returns. */
  end(refusal: Refusal): void {
    const { stage } = this
    if (stage.name === 'closed') return
    this.sayLastWords(refusal)
    this.close({ ...refusal, by: 'us', isFinal: false })
  }

  /**
   * Says GOODBYE, but stays to hear the peer's last acknowledgements; `onEnded` follows when the
   * peer has answered or the time for it is over. Only for an open bridge.
   */
  leave(refusal: Refusal): void {
    const { stage } = this
    if (stage.name !== 'open') return
    const { receiver } = stage
    const leaving: Stage = { name: 'leaving', receiver, why: refusal }
    this.stage = leaving
    this.cancelTimer = this.clock.schedule(lingerMs, () => {
      this.cancelTimer = undefined
      mark('bridge-goodbye-unanswered')
      this.close({ ...refusal, by: 'us', isFinal: false })
    })
    // From here on nothing is taken: what GOODBYE says of the rest is final.
    receiver.whenSafe(() => {
      if (this.stage !== leaving) return
      receiver.onEnding()
      this.output.send(goodbyeFrame, refusal)
      this.output.flush()
    })
    this.owner.onLeaving(this)
  }

  withdraw(): void {
    const refusal: Refusal = { code: 'withdrawn', text: 'its network connector was stopped' }
    if (this.stage.name === 'open') this.leave(refusal)
    else if (this.stage.name !== 'leaving') this.end(refusal)
  }

  onData(bytes: Buffer): void {
    const { frames, stage } = this
    this.bytesReceived += bytes.length
    if (stage.name === 'closed') {
      mark('bridge-bytes-after-end')
      return
    }
    if (stage.name === 'open') stage.receiver.onHeard(bytes.length)
    frames.feed(bytes)
    for (;;) {
      const found = frames.next()
      if (found === 'more') return
      if (found === 'fault') {
        mark('bridge-frame-malformed')
        this.fail(frames.fault)
        return
      }
      this.reader.reset(frames.bytes, frames.start, frames.end)
      this.onFrame(frames.type)
      // The frame may have ended the connection, from right here.
      if ((this.stage as Stage).name === 'closed') return
    }
  }

  onDrain(): void {
    const { stage } = this
    this.output.onDrain()
    if (stage.name === 'open') stage.receiver.onDrain()
  }

  onClose(cause: Error | undefined): void {
    this.isGone = true
    const text = cause === undefined ? 'the other end closed the connection' : cause.message
    this.noteLoss()
    this.close({ code: 'closed', text, by: 'them', isFinal: false })
    this.clearTimer()
    this.owner.onGone(this)
  }

  private onFrame(type: number): void {
    const { stage, reader } = this
    if (type === frameTypes.part) {
      this.onPart()
      return
    }
    switch (stage.name) {
      case 'open':
        if (type === frameTypes.goodbye) this.onGoodbye(stage.receiver)
        else if (type === frameTypes.refuse) this.onRefuse()
        else this.failIf(stage.receiver.onFrame(type, reader))
        return
      case 'leaving':
        if (type === frameTypes.goodbye) this.onFarewell(stage.why)
        else if (type === frameTypes.ack) this.failIf(stage.receiver.onFrame(type, reader))
        else mark('bridge-frame-dropped-on-leaving')
        return
      case 'answering':
        mark('bridge-frame-dropped-on-leaving')
        return
      case 'hello':
      case 'start':
        this.onGreetingFrame(type, stage)
    }
  }

  private onGreetingFrame(type: number, stage: Stage & { name: 'hello' | 'start' }): void {
    if (type === frameTypes.refuse || type === frameTypes.goodbye) {
      this.onRefuse()
    } else if (type === frameTypes.hello && stage.name === 'hello') {
      const hello = this.decode(helloFrame)
      if (hello !== undefined) this.onHello(hello)
    } else if (type === frameTypes.start && stage.name === 'start') {
      const start = this.decode(startFrame)
      if (start !== undefined) this.owner.onStart(this, stage.hello, start)
    } else if (type < skippableTypeFirst) {
      mark('greeting-frame-unexpected')
      this.fail(`${frameTypeName(type)} came where ${stage.name.toUpperCase()} was expected`)
    }
  }

  /** The peer gives up a connection that is not open on its side: it took nothing over it. */
  private onRefuse(): void {
    const refusal = this.decode(refuseFrame)
    if (refusal === undefined) return
    mark('greeting-refused-by-peer')
    this.close({ ...refusal, by: 'them', isFinal: false })
  }

  private onHello(hello: Hello): void {
    this.peerHello = hello
    this.stage = { name: 'start', hello }
    this.frames.frameBytesMax = this.terms.frameBytesMax
    this.parts.bytesMax = controlBytesMax
    this.setDeadline('START')
    this.owner.onHello(this, hello)
  }

  private onPart(): void {
    const part = this.decode(partFrame)
    if (part === undefined) return
    const whole = this.parts.take(part)
    if (whole === 'more') return
    if (whole === 'too-large') {
      mark('bridge-parts-too-large')
      this.fail('PART: the parts make a frame over the limit')
      return
    }
    const type = whole[0]!
    if (type === frameTypes.part || type === frameTypes.data) {
      mark('bridge-data-in-parts')
      this.fail(`${frameTypeName(type)} came in parts, which only control frames may`)
    } else {
      this.reader.reset(whole, 1, whole.length)
      this.onFrame(type)
    }
  }

  /** The peer leaves: answer, so that it too knows what was taken and what was not. */
  private onGoodbye(receiver: FrameReceiver): void {
    const refusal = this.decode(goodbyeFrame)
    if (refusal === undefined) return
    mark('bridge-goodbye-answered')
    const answering: Stage = { name: 'answering' }
    this.stage = answering
    receiver.whenSafe(() => {
      if (this.stage !== answering) return
      receiver.onEnding()
      this.output.send(goodbyeFrame, { code: refusal.code, text: 'answers a GOODBYE' })
      this.output.flush()
      this.close({ ...refusal, by: 'them', isFinal: true })
    })
  }

  private onFarewell(why: Refusal): void {
    if (this.decode(goodbyeFrame) === undefined) return
    this.close({ ...why, by: 'us', isFinal: true })
  }

  /** Reads the frame at hand; undefined when it is malformed, and then the connection has ended. */
  private decode<T>(codec: FrameCodec<T>): T | undefined {
    const value = decodeFrame(codec, this.reader)
    if (value !== undefined) return value
    mark('bridge-frame-unreadable')
    this.fail(this.reader.fault)
    return undefined
  }

  private failIf(fault: string | undefined): void {
    if (fault === undefined) return
    mark('bridge-frame-refused')
    this.fail(fault)
  }

  private fail(fault: string | undefined): void {
    this.end({ code: 'protocol-error', text: fault ?? 'malformed frame' })
  }

  private sayLastWords(refusal: Refusal): void {
    const { stage } = this
    if (stage.name === 'open') {
      const { receiver } = stage
      const { isSafe } = receiver
      receiver.onEnding()
      // A GOODBYE would say that what is not acknowledged was not taken.
      if (!isSafe) mark('bridge-ends-before-all-is-stored')
      this.output.send(isSafe ? goodbyeFrame : refuseFrame, refusal)
    } else if (stage.name !== 'leaving' && stage.name !== 'answering') {
      this.output.send(refuseFrame, refusal)
    }
    this.output.flush()
  }

  private close(end: ConnectionEnd): void {
    if (this.stage.name === 'closed') return
    this.stage = { name: 'closed' }
    this.clearTimer()
    if (!this.isGone) {
      this.output.flush()
      this.connection.end()
      // A peer that does not read must not keep the socket for ever.
      this.cancelTimer = this.clock.schedule(lingerMs, () => {
        this.cancelTimer = undefined
        mark('bridge-socket-destroyed')
        this.connection.destroy()
      })
    }
    this.owner.onEnded(this, end)
  }

  private noteLoss(): void {
    const { name } = this.stage
    if (name === 'open') mark('bridge-connection-lost')
    else if (name === 'leaving') mark('bridge-connection-lost-on-leaving')
    else if (name !== 'closed') mark('greeting-connection-lost')
  }

  private setDeadline(awaited: string): void {
    this.clearTimer()
    const { greetingMsMax } = this.terms
    this.cancelTimer = this.clock.schedule(greetingMsMax, () => {
      this.cancelTimer = undefined
      mark('greeting-timed-out')
      this.end({ code: 'timeout', text: `no ${awaited} came within ${greetingMsMax} ms` })
    })
  }

  private clearTimer(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }
}
