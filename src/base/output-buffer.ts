// Gathers the frames a connection will send in one turn into slabs, so that a turn costs one write
// instead of one per frame. A connection with nothing to send holds no slab: a thousand idle
// connections cost nothing here. Frames are written straight into `bytes`; nothing is copied twice.

import { assert } from './assert.ts'

/** Bytes of one slab. About what one socket read brings, so a turn's input fits one write. */
export const slabBytes = 65_536

/** Lends slabs to the output buffers of one process and takes them back when they are written. */
export class SlabPool {
  private readonly free: Buffer[] = []
  private readonly freeMax: number

  constructor(freeMax = 64) {
    this.freeMax = freeMax
  }

  take(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafeSlow(slabBytes)
  }

  give(slab: Buffer): void {
    if (this.free.length < this.freeMax) this.free.push(slab)
  }
}

/**
 * Where the bytes go. 'written' hands the bytes back to the caller; 'queued' means the sink keeps
 * them until it has sent them, so the caller must not touch them again.
 */
export type ByteSink = (bytes: Buffer) => 'written' | 'queued'

const noBytes = Buffer.alloc(0)

/**
 * Output of one connection. Use: `reserve(n)`, write at `bytes[length…]`, advance `length`; at the
 * end of the turn the owner calls `flush`.
 */
export class OutputBuffer {
  /** The slab being filled. Only the first `length` bytes count. */
  bytes: Buffer = noBytes
  /** Bytes filled so far. Writers advance it themselves, never past `bytes.length`. */
  length = 0
  private readonly pool: SlabPool
  private readonly sink: ByteSink

  constructor(pool: SlabPool, sink: ByteSink) {
    this.pool = pool
    this.sink = sink
  }

  /** Makes sure `count` contiguous bytes fit behind `length`. `count` is at most a slab. */
  reserve(count: number): void {
    if (this.bytes.length - this.length >= count) return
    this.flush()
    assert(count <= slabBytes, 'a reservation fits one slab')
    this.bytes = this.pool.take()
  }

  /** Appends a range of `source`; large ranges are handed to the sink without a copy. */
  append(source: Buffer, start: number, end: number): void {
    const count = end - start
    if (count > slabBytes / 2) {
      this.flush()
      this.sink(source.subarray(start, end))
      return
    }
    this.reserve(count)
    source.copy(this.bytes, this.length, start, end)
    this.length += count
  }

  /** Hands everything gathered to the sink and gives the slab back if it can be used again. */
  flush(): void {
    const { bytes, length } = this
    this.bytes = noBytes
    this.length = 0
    if (length === 0) {
      if (bytes.length > 0) this.pool.give(bytes)
      return
    }
    const outcome = this.sink(length === bytes.length ? bytes : bytes.subarray(0, length))
    if (outcome === 'written') this.pool.give(bytes)
  }
}
