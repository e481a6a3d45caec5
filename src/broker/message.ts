// A message as the core sees it: broker-side facts, and an encoded form that is made once, where
// the message enters the network, and reused as it is by every subscriber, bridge and store.
//
// The encoded form is two byte ranges:
//   headers   'name:value\n' lines in UTF-8, escaped as STOMP 1.2 does (\\ \n \r \c); the
//             application's own headers and nothing the broker keeps as a fact (destination,
//             message id, length)
//   body      opaque bytes
// The ranges may lie in the socket chunk the message arrived in; `compact` gives a message that has
// to wait bytes of its own, so that a small message never pins a large chunk.

import type { Destination } from './destination.ts'

/** Who first accepted a message: a broker during one life. */
export interface MessageOrigin {
  readonly broker: string
  /** Counts (or dates) the broker's starts; a later life has a larger one. */
  readonly incarnation: number
  /** 'ID:<broker>-<incarnation>-' in bytes: a message id is this and the sequence in digits. */
  readonly idPrefix: Buffer
}

/** Makes an origin, with its message id prefix. */
export function messageOrigin(broker: string, incarnation: number): MessageOrigin {
  return {
    broker,
    incarnation,
    idPrefix: Buffer.from(`ID:${broker}-${incarnation.toString(36)}-`, 'latin1')
  }
}

/** Bytes accounted for a message beyond its headers and body: objects and queue entry. */
const messageOverheadBytes = 256
const noBytes = Buffer.alloc(0)

/** One message. Immutable after it is published, apart from where its bytes lie. */
export class Message {
  readonly destination: Destination
  readonly origin: MessageOrigin
  /** Unique per origin, rising. */
  readonly sequence: number
  isPersistent = false
  /** 0 to 9; 4 unless the producer said otherwise. Carried, not used to reorder. */
  priority = 4
  /**
   * Monotonic time of this broker's clock after which the message is not delivered; 0 for never.
   */
  expiresAtMs = 0
  /** True if the header lines hold a backslash: readers that know no escapes must translate. */
  hasEscapes = false
  /** True once delivered to a consumer that may have seen it and did not acknowledge it. */
  isRedelivered = false
  /** True if another copy may exist: where it is delivered the duplicate window must be asked. */
  isMaybeDuplicate = false
  /** True once it may be in this broker's store: it goes there with a batch, or was read there. */
  isOnDisk = false
  /** Brokers crossed so far, oldest first, without this one. */
  brokerPath: readonly string[] = noPath
  /** How often a queue message was given a new target broker. */
  redirects = 0
  /**
   * Of a queue message with a target: which place in the path the broker has, or will have, that
   * chose it; that broker counts it until it has arrived. -1 while no broker has.
   */
  chosenAt = -1

  headers: Buffer = noBytes
  headersStart = 0
  headersEnd = 0
  body: Buffer = noBytes
  bodyStart = 0
  bodyEnd = 0
  private isCompact = false

  constructor(destination: Destination, origin: MessageOrigin, sequence: number) {
    this.destination = destination
    this.origin = origin
    this.sequence = sequence
  }

  get headersBytes(): number {
    return this.headersEnd - this.headersStart
  }

  get bodyBytes(): number {
    return this.bodyEnd - this.bodyStart
  }

  /** True if another broker sent it here, or it was sent on from here before. */
  get hasTravelled(): boolean {
    return this.brokerPath.length > 0 || this.redirects > 0
  }

  /** What the message costs in memory while it waits. */
  get sizeBytes(): number {
    return messageOverheadBytes + this.headersBytes + this.bodyBytes
  }

  /** The message id as text, such as 'ID:hub-1f-42'. */
  get id(): string {
    return `${this.origin.idPrefix.toString('latin1')}${this.sequence}`
  }

  /** The same message with facts of its own, for another way it goes; the bytes are shared. */
  copy(): Message {
    const copy = new Message(this.destination, this.origin, this.sequence)
    copy.isPersistent = this.isPersistent
    copy.priority = this.priority
    copy.expiresAtMs = this.expiresAtMs
    copy.hasEscapes = this.hasEscapes
    copy.isRedelivered = this.isRedelivered
    copy.isMaybeDuplicate = this.isMaybeDuplicate
    copy.brokerPath = this.brokerPath
    copy.redirects = this.redirects
    copy.chosenAt = this.chosenAt
    copy.headers = this.headers
    copy.headersStart = this.headersStart
    copy.headersEnd = this.headersEnd
    copy.body = this.body
    copy.bodyStart = this.bodyStart
    copy.bodyEnd = this.bodyEnd
    copy.isCompact = this.isCompact
    return copy
  }

  /** Moves headers and body into bytes of their own. Readers must not keep ranges across turns. */
  compact(): void {
    if (this.isCompact) return
    const { headersBytes, bodyBytes } = this
    const own = Buffer.allocUnsafeSlow(headersBytes + bodyBytes)
    this.headers.copy(own, 0, this.headersStart, this.headersEnd)
    this.body.copy(own, headersBytes, this.bodyStart, this.bodyEnd)
    this.headers = own
    this.headersStart = 0
    this.headersEnd = headersBytes
    this.body = own
    this.bodyStart = headersBytes
    this.bodyEnd = headersBytes + bodyBytes
    this.isCompact = true
  }

  /**
   * The value of the first header called `name`, unescaped; undefined if absent. Looked up anew
   * each time: what is kept with every message that waits would be memory that nobody accounts for.
   */
  header(name: string): string | undefined {
    const { headers, headersEnd } = this
    const wanted = escapeHeader(name)
    if (!isAscii(wanted)) return this.headerByText(wanted)
    const { length } = wanted
    for (let at = this.headersStart; at < headersEnd; ) {
      let lineEnd = headers.indexOf(lineFeed, at)
      if (lineEnd < 0 || lineEnd > headersEnd) lineEnd = headersEnd
      const isNamed = at + length < lineEnd && headers[at + length] === colon
      if (isNamed && startsWith(headers, at, wanted)) {
        return unescapeHeader(headers.toString('utf8', at + length + 1, lineEnd))
      }
      at = lineEnd + 1
    }
    return undefined
  }

  private headerByText(wanted: string): string | undefined {
    const text = this.headers.toString('utf8', this.headersStart, this.headersEnd)
    for (const line of text.split('\n')) {
      if (line.startsWith(`${wanted}:`)) return unescapeHeader(line.slice(wanted.length + 1))
    }
    return undefined
  }
}

const lineFeed = 0x0a
const colon = 0x3a

function startsWith(bytes: Buffer, at: number, ascii: string): boolean {
  for (let i = ascii.length - 1; i >= 0; i -= 1) {
    if (bytes[at + i] !== ascii.charCodeAt(i)) return false
  }
  return true
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

const noPath: readonly string[] = []

/** Reads STOMP 1.2 header escapes; what is no escape stays as it is. */
export function unescapeHeader(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\([nrc\\])/g, (_, letter: string) => unescaped[letter]!)
}

/** Writes STOMP 1.2 header escapes. */
export function escapeHeader(text: string): string {
  if (!/[\\\n\r:]/.test(text)) return text
  return text.replace(/[\\\n\r:]/g, (character) => escaped[character]!)
}

const unescaped: Record<string, string> = { n: '\n', r: '\r', c: ':', '\\': '\\' }
const escaped: Record<string, string> = { '\n': '\\n', '\r': '\\r', ':': '\\c', '\\': '\\\\' }
