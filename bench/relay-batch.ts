// Output of the bare relay: gathers the messages one chunk brought into one write per subscriber,
// in slabs that are used again as soon as the operating system took them. Invariant: a slab is in
// exactly one place: the pool, a batch, or (given up to it) a socket.

import type { Socket } from 'node:net'

const slabBytes = 128 * 1024
const slabsFreeMax = 64
const slabsFree: Buffer[] = []
const noBytes: Buffer = Buffer.alloc(0)

/** A subscriber's end: its socket and the batch of what only it gets. */
export interface RelayOutlet {
  readonly socket: Socket
  readonly batch: RelayBatch
}

/** Messages on their way to the same sockets. */
export class RelayBatch {
  /** Who gets it. */
  readonly outlets: ReadonlyArray<{ readonly socket: Socket }>
  private bytes = noBytes
  private length = 0

  constructor(outlets: ReadonlyArray<{ readonly socket: Socket }>) {
    this.outlets = outlets
  }

  /** True when something waits for `flush`. */
  get isDirty(): boolean {
    return this.length > 0
  }

  /** Appends `head` and the given range of `source`. */
  append(head: Buffer, source: Buffer, start: number, end: number): void {
    const count = head.length + end - start
    if (this.length + count > this.bytes.length) this.makeRoom(count)
    const { bytes } = this
    let at = this.length
    for (let i = 0; i < head.length; i++) bytes[at++] = head[i]!
    source.copy(bytes, at, start, end)
    this.length += count
  }

  /** Writes what was gathered to every socket. */
  flush(): void {
    const { bytes, length } = this
    this.bytes = noBytes
    this.length = 0
    if (length === 0) return
    let queued = false
    const range = bytes.subarray(0, length)
    for (const { socket } of this.outlets) {
      socket.write(range)
      if (socket.writableLength > 0) queued = true
    }
    // A queued slab belongs to its socket until sent; the garbage collector takes it then.
    if (queued || bytes.length !== slabBytes || slabsFree.length === slabsFreeMax) return
    slabsFree.push(bytes)
  }

  private makeRoom(count: number): void {
    this.flush()
    if (count > slabBytes) this.bytes = Buffer.allocUnsafeSlow(count)
    else this.bytes = slabsFree.pop() ?? Buffer.allocUnsafeSlow(slabBytes)
  }
}
