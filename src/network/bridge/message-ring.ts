// A bounded first-in first-out store of messages with their targets, in parallel rings: a
// message that waits costs no object here. Bounded in messages and in bytes; one message of any
// size always fits an empty ring, or it could never be sent.

import type { Message } from '../../broker/index.ts'

/** The bounds of a ring. */
export interface MessageRingBounds {
  readonly messagesMax: number
  readonly bytesMax: number
}

const noTargets: readonly string[] = []
/** Beside the bits of `transferFlags`: the message is not to be sent any more. */
const voidBit = 0x100
/** Beside them: the message may be sent before the log has it on disk. */
const freeBit = 0x200
/** All that leave the broker. */
const sentBits = 0xff

/** Messages in order, oldest first. Entries are read by their distance from the oldest. */
export class MessageRing {
  private readonly bounds: MessageRingBounds
  private messages: (Message | undefined)[] = new Array(16)
  private targets: (readonly string[])[] = new Array(16)
  private flags: number[] = new Array(16)
  private numbers: number[] = new Array(16)
  private head = 0
  private count = 0
  private bytes = 0

  constructor(bounds: MessageRingBounds) {
    this.bounds = bounds
  }

  get length(): number {
    return this.count
  }

  /** Bytes the messages account for. */
  get sizeBytes(): number {
    return this.bytes
  }

  /** True when less than half of both bounds is in use. */
  get isHalfEmpty(): boolean {
    const { messagesMax, bytesMax } = this.bounds
    return this.count * 2 <= messagesMax && this.bytes * 2 <= bytesMax
  }

  /** True when a message of `sizeBytes` can be pushed. */
  hasRoomFor(sizeBytes: number): boolean {
    if (this.count === 0) return true
    return this.count < this.bounds.messagesMax && this.bytes + sizeBytes <= this.bounds.bytesMax
  }

  /**
   * Adds at the tail; 'full' leaves the ring as it was.
   * @param number the message's in the log of the channel, 0 for none
   */
  push(
    message: Message,
    targets: readonly string[],
    flags: number,
    number: number
  ): 'accepted' | 'full' {
    if (!this.hasRoomFor(message.sizeBytes)) return 'full'
    this.add(message, targets, flags, number)
    return 'accepted'
  }

  /** Adds at the tail, whatever the bounds: what was accepted once is not refused. */
  pushAlways(message: Message, targets: readonly string[], flags: number): void {
    this.add(message, targets, flags, 0)
  }

  private add(message: Message, targets: readonly string[], flags: number, number: number): void {
    if (this.count === this.messages.length) this.grow()
    const at = (this.head + this.count) & (this.messages.length - 1)
    this.messages[at] = message
    this.targets[at] = targets
    this.flags[at] = flags
    this.numbers[at] = number
    this.count += 1
    this.bytes += message.sizeBytes
  }

  /** The message `index` places behind the oldest; the caller knows that it is there. */
  messageAt(index: number): Message {
    return this.messages[(this.head + index) & (this.messages.length - 1)]!
  }

  targetsAt(index: number): readonly string[] {
    return this.targets[(this.head + index) & (this.messages.length - 1)]!
  }

  /** Bits of `transferFlags`. */
  flagsAt(index: number): number {
    return this.bitsAt(index) & sentBits
  }

  numberAt(index: number): number {
    return this.numbers[(this.head + index) & (this.messages.length - 1)]!
  }

  /** Sets a bit of a message's flags. */
  flag(index: number, bit: number): void {
    const at = (this.head + index) & (this.messages.length - 1)
    this.flags[at] = this.flags[at]! | bit
  }

  /** Leaves a message's place without it; what it accounts for stays until it is dropped. */
  void(index: number): void {
    this.flag(index, voidBit)
  }

  /** True if it holds a message of which the test is true. */
  holds(test: (message: Message) => boolean): boolean {
    for (let index = 0; index < this.length; index += 1) {
      if (!this.isVoid(index) && test(this.messageAt(index))) return true
    }
    return false
  }

  /** True for a place without its message. */
  isVoid(index: number): boolean {
    return (this.bitsAt(index) & voidBit) !== 0
  }

  /** Lets a message leave before the log has it on disk. */
  free(index: number): void {
    this.flag(index, freeBit)
  }

  /** Takes that back. */
  bind(index: number): void {
    const at = (this.head + index) & (this.messages.length - 1)
    this.flags[at] = this.flags[at]! & ~freeBit
  }

  isFree(index: number): boolean {
    return (this.bitsAt(index) & freeBit) !== 0
  }

  /** Sets a message's number in the log. */
  renumber(index: number, number: number): void {
    this.numbers[(this.head + index) & (this.messages.length - 1)] = number
  }

  /** Forgets the `count` oldest entries. */
  drop(count: number): void {
    const mask = this.messages.length - 1
    for (let i = 0; i < count; i += 1) {
      const at = (this.head + i) & mask
      this.bytes -= this.messages[at]!.sizeBytes
      this.messages[at] = undefined
      this.targets[at] = noTargets
    }
    this.head = (this.head + count) & mask
    this.count -= count
  }

  private bitsAt(index: number): number {
    return this.flags[(this.head + index) & (this.messages.length - 1)]!
  }

  private grow(): void {
    const size = this.messages.length * 2
    const messages = new Array<Message | undefined>(size)
    const targets = new Array<readonly string[]>(size)
    const flags = new Array<number>(size)
    const numbers = new Array<number>(size)
    for (let i = 0; i < this.count; i += 1) {
      messages[i] = this.messageAt(i)
      targets[i] = this.targetsAt(i)
      flags[i] = this.bitsAt(i)
      numbers[i] = this.numberAt(i)
    }
    this.messages = messages
    this.targets = targets
    this.flags = flags
    this.numbers = numbers
    this.head = 0
  }
}
