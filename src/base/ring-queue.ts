// A first-in first-out queue over a growing ring, with a bound. Every queue in Postroad has one:
// `push` answers whether there was room, and the caller must decide what happens otherwise.

/** A bounded FIFO queue. Amortised O(1) at both ends; memory grows by doubling up to the bound. */
export class RingQueue<T> {
  readonly lengthMax: number
  private ring: (T | undefined)[]
  private head = 0
  private count = 0

  constructor(lengthMax: number, initialLength = 16) {
    this.lengthMax = lengthMax
    let size = 2
    while (size < initialLength) size *= 2
    this.ring = new Array<T | undefined>(size)
  }

  get length(): number {
    return this.count
  }

  /** Adds at the tail; 'full' leaves the queue as it was. */
  push(item: T): 'accepted' | 'full' {
    if (this.count >= this.lengthMax) return 'full'
    if (this.count === this.ring.length) this.grow()
    this.ring[(this.head + this.count) & (this.ring.length - 1)] = item
    this.count += 1
    return 'accepted'
  }

  /** Removes and returns the item at the head. */
  shift(): T | undefined {
    if (this.count === 0) return undefined
    const item = this.ring[this.head]
    this.ring[this.head] = undefined
    this.head = (this.head + 1) & (this.ring.length - 1)
    this.count -= 1
    return item
  }

  /** The item `index` places behind the head, left in place. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.count) return undefined
    return this.ring[(this.head + index) & (this.ring.length - 1)]
  }

  clear(): void {
    this.ring = new Array<T | undefined>(16)
    this.head = 0
    this.count = 0
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.count; i += 1) yield this.at(i)!
  }

  private grow(): void {
    const bigger = new Array<T | undefined>(this.ring.length * 2)
    for (let i = 0; i < this.count; i += 1) bigger[i] = this.at(i)
    this.ring = bigger
    this.head = 0
  }
}
