// What waits for its time: a min-heap of tasks over flat arrays. An event lives in a slot that is
// used again, so a run of millions of events allocates nothing here. Four children to a node keep
// it flat. It knows order and nothing of chance.
// Invariant: an event comes out before every other that is later, or of its instant with a larger
// tie-break, or with the same one and added after it.

type Task = () => void

const childCount = 4
const slotsAtFirst = 256

/** See the top of this file. */
export class EventHeap {
  /** Events waiting. */
  size = 0
  /** Slots in heap order, `size` of them valid; behind them those that are free. */
  private order = new Int32Array(slotsAtFirst)
  private times = new Float64Array(slotsAtFirst)
  private ties = new Float64Array(slotsAtFirst)
  private sequences = new Float64Array(slotsAtFirst)
  private readonly tasks: (Task | undefined)[] = []
  private added = 0

  constructor() {
    for (let slot = 0; slot < slotsAtFirst; slot += 1) {
      this.order[slot] = slot
      this.tasks.push(undefined)
    }
  }

  /** Events added so far; the number of the latest one, from 1. */
  get sequence(): number {
    return this.added
  }

  /** Time of the next event; only if there is one. */
  get nextTime(): number {
    return this.times[this.order[0]!]!
  }

  /** The next event's task; undefined if it was taken back. */
  get nextTask(): Task | undefined {
    return this.tasks[this.order[0]!]
  }

  /** Adds an event; answers its slot, which with its number takes it back. */
  push(time: number, tie: number, task: Task): number {
    if (this.size === this.order.length) this.grow()
    const { order, times, ties } = this
    const slot = order[this.size]!
    this.added += 1
    times[slot] = time
    ties[slot] = tie
    this.sequences[slot] = this.added
    this.tasks[slot] = task
    let at = this.size
    this.size += 1
    while (at > 0) {
      const parent = ((at - 1) / childCount) | 0
      const above = order[parent]!
      // It was added last: of equals it stays behind.
      if (time > times[above]! || (time === times[above] && tie >= ties[above]!)) break
      order[at] = above
      at = parent
    }
    order[at] = slot
    return slot
  }

  /** Takes the next event out, whether its task was taken back or not. */
  pop(): Task | undefined {
    const { order, tasks } = this
    const slot = order[0]!
    const task = tasks[slot]
    tasks[slot] = undefined
    this.size -= 1
    const last = order[this.size]!
    if (this.size > 0) this.sink(last)
    order[this.size] = slot
    return task
  }

  /** Takes back the task of an event that may have run already, and its slot been used again. */
  cancel(slot: number, sequence: number): void {
    if (this.sequences[slot] === sequence) this.tasks[slot] = undefined
  }

  private sink(slot: number): void {
    const { order, size } = this
    let at = 0
    for (;;) {
      const first = at * childCount + 1
      if (first >= size) break
      let least = first
      const end = Math.min(first + childCount, size)
      for (let child = first + 1; child < end; child += 1) {
        if (this.isBefore(order[child]!, order[least]!)) least = child
      }
      if (!this.isBefore(order[least]!, slot)) break
      order[at] = order[least]!
      at = least
    }
    order[at] = slot
  }

  private isBefore(a: number, b: number): boolean {
    const { times, ties, sequences } = this
    if (times[a] !== times[b]) return times[a]! < times[b]!
    if (ties[a] !== ties[b]) return ties[a]! < ties[b]!
    return sequences[a]! < sequences[b]!
  }

  private grow(): void {
    const before = this.order.length
    this.order = copyInto(new Int32Array(before * 2), this.order)
    this.times = copyInto(new Float64Array(before * 2), this.times)
    this.ties = copyInto(new Float64Array(before * 2), this.ties)
    this.sequences = copyInto(new Float64Array(before * 2), this.sequences)
    for (let slot = before; slot < before * 2; slot += 1) {
      this.order[slot] = slot
      this.tasks.push(undefined)
    }
  }
}

function copyInto<T extends Int32Array | Float64Array>(larger: T, smaller: T): T {
  larger.set(smaller)
  return larger
}
