// A binary min-heap. Used where the order of work is the work: shortest paths and the simulator's
// event queue. It never allocates per operation beyond its own array.

/** A min-heap over items of one type, ordered by `isBefore`. */
export class Heap<T> {
  private readonly items: T[] = []
  private readonly isBefore: (a: T, b: T) => boolean

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.isBefore = isBefore
  }

  get size(): number {
    return this.items.length
  }

  /** The least item, left in place. */
  peek(): T | undefined {
    return this.items[0]
  }

  push(item: T): void {
    const { items, isBefore } = this
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(item, items[parent]!)) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  /** Removes and returns the least item. */
  pop(): T | undefined {
    const { items } = this
    const least = items[0]
    const last = items.pop()
    if (last !== undefined && items.length > 0) this.sink(last)
    return least
  }

  private sink(item: T): void {
    const { items, isBefore } = this
    const size = items.length
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && isBefore(items[child + 1]!, items[child]!)) child += 1
      if (!isBefore(items[child]!, item)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = item
  }
}
