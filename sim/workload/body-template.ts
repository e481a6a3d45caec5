// The bodies of one producer's messages: the key, such as 'p1.17.', then padding. One buffer is
// written over for each, so a body is good until the next one is asked for.

const padding = 'x'.charCodeAt(0)
/** A number of a message and its dots. */
const numberBytesMax = 20

/** See the top of this file. */
export class BodyTemplate {
  private readonly producer: string
  private readonly bodyBytes: number
  private readonly bytes: Buffer

  /** @param bodyBytes length of a body, if its key is not longer */
  constructor(producer: string, bodyBytes: number) {
    this.producer = producer
    this.bodyBytes = bodyBytes
    const longest = Buffer.byteLength(producer) + numberBytesMax
    this.bytes = Buffer.alloc(Math.max(bodyBytes, longest), padding)
    this.bytes.write(`${producer}.`)
  }

  /** The body of the message of that number; numbers only rise, so keys only grow. */
  of(number: number): Buffer {
    const keyBytes = this.bytes.write(`${this.producer}.${number}.`)
    const length = Math.max(this.bodyBytes, keyBytes)
    return length === this.bytes.length ? this.bytes : this.bytes.subarray(0, length)
  }
}
