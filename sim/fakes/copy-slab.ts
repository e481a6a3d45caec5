// Copies of bytes that senders may use again as soon as they have written them. They stand one
// behind the other in large slabs, as what a socket reads does; a slab goes when nobody holds a
// piece of it.
// Invariant: bytes once copied are never written again.

const slabBytes = 64 * 1024
/** Longer copies get bytes of their own. */
const copyBytesMax = 8 * 1024

/** Makes copies. */
export class CopySlab {
  private slab = Buffer.alloc(0)
  private used = 0

  copy(bytes: Buffer): Buffer {
    const { length } = bytes
    if (length > copyBytesMax) return Buffer.from(bytes)
    if (this.used + length > this.slab.length) {
      this.slab = Buffer.allocUnsafeSlow(slabBytes)
      this.used = 0
    }
    const start = this.used
    this.used += length
    this.slab.set(bytes, start)
    return this.slab.subarray(start, this.used)
  }
}
