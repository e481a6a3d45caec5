// The messages of a run, found by their keys: 'p1.17' is the 17th of producer p1. Kept by producer
// and number, in flat arrays, since runs have many; found in the first bytes of a body without
// making text of them.
// Invariant: `values` answers them in the order they were first set.

/** Keys end within so many bytes of a body. */
const keyBytesMax = 80
const dot = 46
const zero = 48

interface ProducerRow<T> {
  readonly name: string
  readonly nameBytes: Uint8Array
  /** By number. */
  readonly records: (T | undefined)[]
}

/** See the top of this file. */
export class RecordIndex<T> {
  private readonly rows: ProducerRow<T>[] = []
  private readonly inOrder: T[] = []

  get size(): number {
    return this.inOrder.length
  }

  values(): IterableIterator<T> {
    return this.inOrder.values()
  }

  /** The record of a key; undefined if there is none, or the text is no key. */
  get(key: string): T | undefined {
    const at = key.indexOf('.')
    if (at < 1) return undefined
    const digits = key.slice(at + 1)
    const number = Number(digits)
    if (String(number) !== digits) return undefined
    return this.rowOf(key.slice(0, at))?.records[number]
  }

  /** Files a record; the one filed before under the same key is forgotten. */
  set(key: string, record: T): void {
    const at = key.indexOf('.')
    const name = key.slice(0, at)
    const number = Number(key.slice(at + 1))
    let row = this.rowOf(name)
    if (row === undefined) {
      row = { name, nameBytes: Buffer.from(name, 'latin1'), records: [] }
      this.rows.push(row)
    }
    const before = row.records[number]
    if (before === undefined) this.inOrder.push(record)
    else this.inOrder[this.inOrder.lastIndexOf(before)] = record
    row.records[number] = record
  }

  /** The record whose key a body begins with; undefined for any other body. */
  find(body: Buffer, start: number, end: number): T | undefined {
    for (const { nameBytes, records } of this.rows) {
      const { length } = nameBytes
      if (start + length >= end || body[start + length] !== dot) continue
      let same = 0
      while (same < length && body[start + same] === nameBytes[same]) same += 1
      if (same < length) continue
      const number = readNumber(body, start + length + 1, Math.min(end, start + keyBytesMax))
      return number < 0 ? undefined : records[number]
    }
    return undefined
  }

  private rowOf(name: string): ProducerRow<T> | undefined {
    for (const row of this.rows) if (row.name === name) return row
    return undefined
  }
}

/** The key a body begins with; undefined for any other body. */
export function keyInBody(body: Buffer, start: number, end: number): string | undefined {
  const stop = Math.min(end, start + keyBytesMax)
  let at = start
  while (at < stop && isNameByte(body[at]!)) at += 1
  if (at === start || at === stop || body[at] !== dot) return undefined
  const digits = at + 1
  at = digits
  while (at < stop && isDigit(body[at]!)) at += 1
  if (at === digits || at === stop || body[at] !== dot) return undefined
  return body.toString('latin1', start, at)
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9
}

/** Letters, digits, '-' and '_'. */
function isNameByte(byte: number): boolean {
  const letter = byte | 0x20
  return (
    (letter >= 97 && letter <= 122 && byte >= 65) || isDigit(byte) || byte === 45 || byte === 95
  )
}

/** A decimal number with a dot behind it; -1 if there is none. */
function readNumber(body: Buffer, start: number, end: number): number {
  let number = 0
  for (let at = start; at < end; at += 1) {
    const digit = body[at]! - zero
    if (digit >= 0 && digit <= 9) number = number * 10 + digit
    else return at > start && body[at] === dot ? number : -1
  }
  return -1
}
