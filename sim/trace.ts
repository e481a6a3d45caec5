// What happened in a run, as a hash of everything and a ring of the latest. Two runs of one seed
// that do not end on the same hash prove that something in them is not deterministic.

/** One thing that happened. */
export interface TraceEvent {
  readonly timeMs: number
  readonly label: string
  readonly a: string | number
  readonly b: string | number
}

/** Events kept for reading; the hash covers all. */
const eventsKept = 4_096

/** Texts whose hash is remembered: labels and names recur. */
const textsKept = 4_096

/** Hashes and remembers events. Adding one allocates nothing. */
export class Trace {
  // Two independent 32-bit lanes: JavaScript has no cheap 64-bit integer.
  private low = 0x811c9dc5 | 0
  private high = 0x41c6ce57 | 0
  private count = 0
  private readonly times = new Float64Array(eventsKept)
  private readonly labels: string[] = []
  private readonly firsts: (string | number)[] = []
  private readonly seconds: (string | number)[] = []
  private readonly textHashes = new Map<string, number>()

  /** 16 hexadecimal digits. */
  get hash(): string {
    return digits(this.high) + digits(this.low)
  }

  /** Events added so far. */
  get length(): number {
    return this.count
  }

  /** Adds an event; its time is in microseconds, an integer. */
  add(timeUs: number, label: string, a: string | number, b: string | number): void {
    this.mixNumber(timeUs)
    this.mixWord(this.hashOf(label))
    if (typeof a === 'number') this.mixNumber(a)
    else this.mixWord(this.hashOf(a))
    // Names come first. What is second is told once, as a rule, and not worth remembering.
    if (typeof b === 'number') this.mixNumber(b)
    else this.mixWord(hashText(b))
    const at = this.count % eventsKept
    this.times[at] = timeUs
    this.labels[at] = label
    this.firsts[at] = a
    this.seconds[at] = b
    this.count += 1
  }

  /** The latest events, oldest first. */
  latest(count: number): TraceEvent[] {
    const from = Math.max(0, this.count - Math.min(count, eventsKept))
    const found: TraceEvent[] = []
    for (let number = from; number < this.count; number += 1) {
      const at = number % eventsKept
      const timeMs = this.times[at]! / 1_000
      found.push({ timeMs, label: this.labels[at]!, a: this.firsts[at]!, b: this.seconds[at]! })
    }
    return found
  }

  private mixNumber(value: number): void {
    const word = value | 0
    this.mixWord(word)
    if (word === value) return
    // Fractions and integers past 32 bits count too: both halves of the scaled value go in.
    const scaled = Math.round(value * 1_000)
    this.mixWord(scaled | 0)
    this.mixWord((scaled / 4_294_967_296) | 0)
  }

  private mixWord(word: number): void {
    const low = Math.imul(this.low ^ word, 0x01000193)
    this.low = low ^ (low >>> 15)
    const high = Math.imul(this.high ^ word, 0x5bd1e995)
    this.high = high ^ (high >>> 13)
  }

  private hashOf(text: string): number {
    const known = this.textHashes.get(text)
    if (known !== undefined) return known
    const hash = hashText(text)
    if (this.textHashes.size < textsKept) this.textHashes.set(text, hash)
    return hash
  }
}

/** FNV-1a over UTF-16 units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5 | 0
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return hash
}

function digits(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
