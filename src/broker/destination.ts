// Destinations: queues, topics and temporary queues, by name. Objects are interned, so the core
// compares destinations by identity and hangs its caches on them.

import { LRUCache } from 'lru-cache'
import { PostroadError, quoted } from '../base/index.ts'

/** What a destination is. A temporary queue lives as long as the connection that made it. */
export type DestinationKind = 'queue' | 'topic' | 'temp-queue'

/** One destination. `cache` belongs to the broker core. */
export class Destination {
  readonly kind: DestinationKind
  /** Dot-separated name, no wildcards. */
  readonly name: string
  /** What the core remembers of this destination between messages; see Broker. */
  cache: unknown = undefined

  constructor(kind: DestinationKind, name: string) {
    this.kind = kind
    this.name = name
  }

  /** 'queue://orders.eu', as in logs and configuration. */
  toString(): string {
    return `${this.kind}://${this.name}`
  }
}

/** Longest destination name in bytes of UTF-8. */
export const destinationNameBytesMax = 1024
/** Destinations kept interned; the least recently used are forgotten, with their caches only. */
const internedMax = 65_536
/** A count of one each, rather than `max`, so that an empty table costs neither memory nor time. */
const countedCache = { maxSize: internedMax, sizeCalculation: () => 1 }

/** Interns destinations. One per broker. */
export class DestinationTable {
  private readonly byKind: Record<DestinationKind, LRUCache<string, Destination>> = {
    queue: new LRUCache(countedCache),
    topic: new LRUCache(countedCache),
    'temp-queue': new LRUCache(countedCache)
  }

  /**
   * The destination of that kind and name.
   * @throws PostroadError LOCAL_DESTINATION_INVALID for a bad name or one with wildcards
   */
  get(kind: DestinationKind, name: string): Destination {
    const table = this.byKind[kind]
    let destination = table.get(name)
    if (destination === undefined) {
      checkDestinationName(name, false)
      destination = new Destination(kind, name)
      table.set(name, destination)
    }
    return destination
  }
}

/**
 * Checks a destination name, or with `mayBePattern` a destination pattern.
 * @throws PostroadError LOCAL_DESTINATION_INVALID saying which rule is broken
 */
export function checkDestinationName(name: string, mayBePattern: boolean): void {
  const fault = findNameFault(name, mayBePattern)
  if (fault === undefined) return
  throw new PostroadError(
    'LOCAL_DESTINATION_INVALID',
    `destination name ${quoted(name)} ${fault}`,
    { name: name.slice(0, 100) }
  )
}

function findNameFault(name: string, mayBePattern: boolean): string | undefined {
  if (name === '') return 'is empty; write for example orders.eu'
  if (Buffer.byteLength(name) > destinationNameBytesMax) {
    return `is longer than ${destinationNameBytesMax} bytes`
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u0020\u007f]/.test(name)) return 'holds a space or a control character'
  const parts = name.split('.')
  for (const [index, part] of parts.entries()) {
    if (part === '') return 'has an empty part; write parts separated by single dots'
    const isWildcard = part === '*' || part === '>'
    if (!isWildcard) {
      if (part.includes('*') || part.includes('>')) {
        return 'mixes a wildcard with other text in one part; "*" and ">" stand alone'
      }
      continue
    }
    if (!mayBePattern) return 'holds a wildcard, and only a subscription may'
    if (part === '>' && index < parts.length - 1) return 'has ">" before its last part'
  }
  return undefined
}
