// Listens to one connection of a producer to a real broker: what it sends, and which of that the
// broker has confirmed. STOMP answers in order, so a receipt speaks for all that was sent before.
// What is neither confirmed nor delivered when a connection ends was perhaps never taken.

import type { StreamConnection, StreamHandlers } from '../../src/ports/index.ts'
import {
  defaultStompCodecLimits,
  type StompFrameView,
  StompParser,
  type StompVersion
} from '../../src/protocols/stomp/codec/index.ts'
import { keyOf } from '../workload/ledger.ts'

/** A message of the workload, as it left its producer. */
export interface SentMessage {
  readonly key: string
  /** As a client writes it. */
  readonly destination: string
}

/** Told what happens on the connection. */
export interface TapListener {
  /** A message was written, or the COMMIT of its transaction. */
  onSent(message: SentMessage): void
  /** The broker has it. */
  onTaken(key: string): void
}

interface Unconfirmed {
  readonly receipt: string | undefined
  readonly keys: readonly string[]
}

/** Keys end within so many characters of a body. */
const keyLengthMax = 80

/** See the top of this file. */
export class ProducerTap implements StreamConnection {
  private readonly inner: StreamConnection
  private readonly listener: TapListener
  private readonly sent: StompParser
  private readonly answered = new StompParser(defaultStompCodecLimits, '1.0')
  private readonly version: StompVersion
  private unconfirmed: Unconfirmed[] = []
  private readonly transactions = new Map<string, SentMessage[]>()
  private isOver = false

  constructor(inner: StreamConnection, version: StompVersion, listener: TapListener) {
    this.inner = inner
    this.version = version
    this.listener = listener
    this.sent = new StompParser(defaultStompCodecLimits, version)
  }

  get remoteAddress(): string {
    return this.inner.remoteAddress
  }

  get subprotocol(): string {
    return this.inner.subprotocol
  }

  get bytesQueued(): number {
    return this.inner.bytesQueued
  }

  /** The handlers to attach instead of the client's own. */
  listening(own: StreamHandlers): StreamHandlers {
    return {
      onData: (bytes) => {
        this.onAnswer(bytes)
        own.onData(bytes)
      },
      onDrain: () => own.onDrain(),
      onClose: (cause) => {
        this.isOver = true
        own.onClose(cause)
      }
    }
  }

  write(bytes: Buffer): 'written' | 'queued' {
    this.sent.push(bytes)
    while (this.sent.next() === 'frame') this.onFrame(this.sent.frame)
    return this.inner.write(bytes)
  }

  pauseReading(): void {
    this.inner.pauseReading()
  }

  resumeReading(): void {
    this.inner.resumeReading()
  }

  end(): void {
    this.inner.end()
  }

  destroy(): void {
    this.isOver = true
    this.inner.destroy()
  }

  /** Takes all that was written for taken, if the connection still stands. */
  confirmAll(): void {
    if (this.isOver || this.bytesQueued > 0) return
    for (const { keys } of this.unconfirmed) this.confirm(keys)
    this.unconfirmed = []
  }

  private onFrame(frame: StompFrameView): void {
    const transaction = frame.get('transaction')
    const receipt = frame.get('receipt')
    let messages: readonly SentMessage[] = []
    if (frame.command === 'SEND') messages = this.onSend(frame, transaction)
    else if (transaction !== undefined) {
      if (frame.command === 'COMMIT') messages = this.transactions.get(transaction) ?? []
      this.transactions.delete(transaction)
    }
    for (const message of messages) this.listener.onSent(message)
    if (messages.length === 0 && receipt === undefined) return
    this.unconfirmed.push({ receipt, keys: messages.map(({ key }) => key) })
  }

  private onSend(frame: StompFrameView, transaction: string | undefined): readonly SentMessage[] {
    const key = keyOf(frame.bodyText().slice(0, keyLengthMax))
    if (key === undefined) return []
    const message = { key, destination: frame.get('destination') ?? '' }
    if (transaction === undefined) return [message]
    const open = this.transactions.get(transaction)
    if (open === undefined) this.transactions.set(transaction, [message])
    else open.push(message)
    return []
  }

  private onAnswer(bytes: Buffer): void {
    const { answered } = this
    answered.push(bytes)
    while (answered.next() === 'frame') {
      const { frame } = answered
      if (frame.command === 'CONNECTED') answered.version = this.version
      if (frame.command === 'RECEIPT') this.onReceipt(frame.get('receipt-id'))
    }
  }

  private onReceipt(id: string | undefined): void {
    const at = this.unconfirmed.findIndex(({ receipt }) => receipt === id)
    if (id === undefined || at === -1) return
    for (const { keys } of this.unconfirmed.splice(0, at + 1)) this.confirm(keys)
  }

  private confirm(keys: readonly string[]): void {
    for (const key of keys) this.listener.onTaken(key)
  }
}
