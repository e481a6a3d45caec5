// Names of brokers and their identities, kept as one string each however often they are read. A
// flood repeats the same few names a hundred thousand times: here each is found by its bytes.
// Invariant: what is answered is exactly the text of the bytes asked about.

/** Names kept; beyond that all are forgotten, which costs time and nothing else. */
const namesMax = 16_384
const slotsAtFirst = 64
const notAscii = 0x80

/** See the top of this file. One per broker. */
export class NameTable {
  /** Open addressing; at least half of the slots are free. */
  private slots: (string | undefined)[] = new Array<string | undefined>(slotsAtFirst)
  private count = 0

  /** Names kept. */
  get size(): number {
    return this.count
  }

  /** The UTF-8 text of a range of bytes. */
  textOf(bytes: Buffer, start: number, end: number): string {
    let hash = 0
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at]!
      // Lengths in bytes and in characters differ: rare, and not worth keeping.
      if (byte >= notAscii) return bytes.toString('utf8', start, end)
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    let slot = this.slotOf(hash)
    for (let name = this.slots[slot]; name !== undefined; name = this.slots[slot]) {
      if (isSame(name, bytes, start, end)) return name
      slot = (slot + 1) & (this.slots.length - 1)
    }
    const name = bytes.toString('latin1', start, end)
    this.add(name, slot)
    return name
  }

  private slotOf(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.slots.length - 1)
  }

  private add(name: string, slot: number): void {
    if (this.count >= namesMax) {
      this.slots = new Array<string | undefined>(slotsAtFirst)
      this.count = 0
      return
    }
    this.slots[slot] = name
    this.count += 1
    if (this.count * 2 > this.slots.length) this.grow()
  }

  private grow(): void {
    const before = this.slots
    this.slots = new Array<string | undefined>(before.length * 2)
    for (const name of before) {
      if (name === undefined) continue
      let hash = 0
      for (let at = 0; at < name.length; at += 1) {
        hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
      }
      let slot = this.slotOf(hash)
      while (this.slots[slot] !== undefined) slot = (slot + 1) & (this.slots.length - 1)
      this.slots[slot] = name
    }
  }
}

function isSame(name: string, bytes: Buffer, start: number, end: number): boolean {
  const { length } = name
  if (length !== end - start) return false
  for (let at = 0; at < length; at += 1) {
    if (name.charCodeAt(at) !== bytes[start + at]) return false
  }
  return true
}
