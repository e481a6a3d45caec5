// What happened in a run, as a hash of everything and a ring of the latest. Two runs of one seed
// that do not end on the same hash prove that something in them is not deterministic.

import { Prng } from './prng.ts'

/** One thing that happened. */
export interface TraceEvent {
  readonly timeMs: number
  readonly label: string
  readonly a: string | number
  readonly b: string | number
}

/** Events kept for reading; the hash covers all. */
const eventsKept = 4_096

/** Hashes and remembers events. */
export class Trace {
  // Two independent 32-bit lanes: JavaScript has no cheap 64-bit integer.
  private low = 0x811c9dc5 | 0
  private high = 0x41c6ce57 | 0
  private count = 0
  private readonly kept: TraceEvent[] = []
  private readonly textHashes = new Map<string, number>()

  /** 16 hexadecimal digits. */
  get hash(): string {
    return digits(this.high) + digits(this.low)
  }

  /** Events added so far. */
  get length(): number {
    return this.count
  }

  add(event: TraceEvent): void {
    this.mix(event.timeMs)
    this.mixValue(event.label)
    this.mixValue(event.a)
    this.mixValue(event.b)
    this.kept[this.count % eventsKept] = event
    this.count += 1
  }

  /** The latest events, oldest first. */
  latest(count: number): TraceEvent[] {
    const from = Math.max(0, this.count - Math.min(count, eventsKept))
    const found: TraceEvent[] = []
    for (let at = from; at < this.count; at += 1) found.push(this.kept[at % eventsKept]!)
    return found
  }

  private mixValue(value: string | number): void {
    this.mix(typeof value === 'number' ? value : this.hashOf(value))
  }

  private mix(value: number): void {
    // Fractions and integers past 32 bits count too: both halves of the scaled value go in.
    const scaled = Math.round(value * 1_000)
    this.mixWord(scaled | 0)
    this.mixWord((scaled / 4_294_967_296) | 0)
  }

  private mixWord(word: number): void {
    this.low = Math.imul(this.low ^ word, 0x01000193)
    this.low ^= this.low >>> 15
    this.high = Math.imul(this.high ^ word, 0x5bd1e995)
    this.high ^= this.high >>> 13
  }

  /** Labels and names recur; anything else is hashed and not remembered past a bound. */
  private hashOf(text: string): number {
    const known = this.textHashes.get(text)
    if (known !== undefined) return known
    const hash = new Prng(text).u32()
    if (this.textHashes.size < eventsKept) this.textHashes.set(text, hash)
    return hash
  }
}

function digits(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
