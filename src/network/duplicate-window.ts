// Remembers which messages have been here, by origin and sequence, for those few that may come
// twice (their custody was in doubt when they were sent on another way). It records every message
// and is asked only about those marked so. It must never call a new message seen; of one too old to
// know it says so, and the caller decides. Per origin it covers the last 65,536 sequences in 8 KiB.

import { mark } from '../base/index.ts'

/** Sequences covered per origin, counted back from the largest recorded. */
export const duplicateWindowLength = 65_536
const wordsPerWindow = duplicateWindowLength / 32

/** Who first accepted a message, in which life. A message's origin is one. */
export interface WindowOrigin {
  readonly broker: string
  readonly incarnation: number
}

class Window {
  readonly broker: string
  readonly incarnation: number
  readonly bits = new Uint32Array(wordsPerWindow)
  /** Largest sequence recorded; bits stand for it and those before, by their remainder. */
  newest: number
  /** When it was last used, counted in uses of all windows. */
  usedAt = 0

  constructor(broker: string, incarnation: number, newest: number) {
    this.broker = broker
    this.incarnation = incarnation
    this.newest = newest
  }

  has(sequence: number): boolean {
    const bit = sequence & (duplicateWindowLength - 1)
    return (this.bits[bit >>> 5]! & (1 << (bit & 31))) !== 0
  }

  set(sequence: number): void {
    const bit = sequence & (duplicateWindowLength - 1)
    this.bits[bit >>> 5]! |= 1 << (bit & 31)
  }

  clear(sequence: number): void {
    const bit = sequence & (duplicateWindowLength - 1)
    this.bits[bit >>> 5]! &= ~(1 << (bit & 31))
  }

  /** Moves on to a larger sequence; those passed over become unseen. */
  advance(sequence: number): void {
    const { bits } = this
    if (sequence - this.newest >= duplicateWindowLength) bits.fill(0)
    else {
      let next = this.newest + 1
      while (next <= sequence) {
        const bit = next & (duplicateWindowLength - 1)
        if ((bit & 31) === 0 && sequence - next >= 31) {
          bits[bit >>> 5] = 0
          next += 32
        } else {
          bits[bit >>> 5]! &= ~(1 << (bit & 31))
          next += 1
        }
      }
    }
    this.newest = sequence
  }
}

/** Which messages of the origins used last have been recorded. */
export class DuplicateWindow {
  private readonly originsMax: number
  private readonly byBroker = new Map<string, Map<number, Window>>()
  private windows: Window[] = []
  private uses = 0

  /** @param originsMax origins kept; the one not used for longest makes room for another */
  constructor(originsMax = 1_024) {
    this.originsMax = originsMax
  }

  /** Origins kept now. */
  get size(): number {
    return this.windows.length
  }

  /** Marks a message as seen. One older than the window is left unmarked, and stays 'too-old'. */
  record(origin: WindowOrigin, sequence: number): void {
    const window = this.find(origin) ?? this.open(origin, sequence)
    this.uses += 1
    window.usedAt = this.uses
    if (sequence > window.newest) window.advance(sequence)
    else if (window.newest - sequence >= duplicateWindowLength) return
    window.set(sequence)
  }

  /**
   * Whether a message was recorded. False for every message of an origin that is not kept.
   * @returns 'too-old' for a sequence the window has left behind, seen or not
   */
  seen(origin: WindowOrigin, sequence: number): boolean | 'too-old' {
    const window = this.find(origin)
    if (window === undefined || sequence > window.newest) return false
    if (window.newest - sequence >= duplicateWindowLength) {
      mark('duplicate-window-left-behind')
      return 'too-old'
    }
    return window.has(sequence)
  }

  /** Makes a message unseen that has left again. One older than the window stays 'too-old'. */
  forget(origin: WindowOrigin, sequence: number): void {
    const window = this.find(origin)
    if (window === undefined || sequence > window.newest) return
    if (window.newest - sequence < duplicateWindowLength) window.clear(sequence)
  }

  private find(origin: WindowOrigin): Window | undefined {
    return this.byBroker.get(origin.broker)?.get(origin.incarnation)
  }

  private open(origin: WindowOrigin, newest: number): Window {
    const { broker, incarnation } = origin
    if (this.windows.length >= this.originsMax) this.forgetLeastUsed()
    const window = new Window(broker, incarnation, newest)
    let lives = this.byBroker.get(broker)
    if (lives === undefined) {
      lives = new Map()
      this.byBroker.set(broker, lives)
    }
    lives.set(incarnation, window)
    this.windows.push(window)
    return window
  }

  /**
   * Looks at every window: origins are rare, and messages of known ones must not pay for an order.
   */
  private forgetLeastUsed(): void {
    mark('duplicate-window-origin-forgotten')
    let least = this.windows[0]!
    for (const window of this.windows) if (window.usedAt < least.usedAt) least = window
    this.windows = this.windows.filter((window) => window !== least)
    const lives = this.byBroker.get(least.broker)!
    lives.delete(least.incarnation)
    if (lives.size === 0) this.byBroker.delete(least.broker)
  }
}
