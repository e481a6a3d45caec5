// Destinations a connection has sent to, found by the bytes of their header: a producer names the
// same few again and again, and making a string each time would cost more than the rest of the
// frame.

import type { Destination } from '../../broker/index.ts'

/** Turns what a client wrote into destinations. */
export interface DestinationResolver {
  /** @throws PostroadError LOCAL_DESTINATION_INVALID */
  resolve(text: string): Destination
  /** The address others can reply to, for what a client wrote in `reply-to`. */
  resolveReplyTo(text: string): string
}

interface Known {
  readonly bytes: Buffer
  readonly destination: Destination
}

/** Remembered per connection; beyond this the memory starts anew. */
const knownMax = 256
const bucketCount = 256

/** Destinations by header bytes. */
export class KnownDestinations {
  private readonly resolver: DestinationResolver
  private buckets: (Known[] | undefined)[] = []
  private count = 0
  private last: Known | undefined = undefined

  constructor(resolver: DestinationResolver) {
    this.resolver = resolver
  }

  /** The destination written in a range of bytes. */
  find(bytes: Buffer, start: number, end: number): Destination {
    const { last } = this
    if (last !== undefined && isSame(last.bytes, bytes, start, end)) return last.destination
    const bucket = hashOf(bytes, start, end)
    for (const known of this.buckets[bucket] ?? []) {
      if (isSame(known.bytes, bytes, start, end)) {
        this.last = known
        return known.destination
      }
    }
    return this.learn(Buffer.from(bytes.subarray(start, end)), bucket)
  }

  clear(): void {
    this.buckets = []
    this.count = 0
    this.last = undefined
  }

  private learn(bytes: Buffer, bucket: number): Destination {
    if (this.count >= knownMax) this.clear()
    const known = { bytes, destination: this.resolver.resolve(bytes.toString('utf8')) }
    const others = this.buckets[bucket]
    if (others === undefined) this.buckets[bucket] = [known]
    else others.push(known)
    this.count += 1
    this.last = known
    return known.destination
  }
}

function isSame(known: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const { length } = known
  if (end - start !== length) return false
  for (let i = length - 1; i >= 0; i -= 1) if (known[i] !== bytes[start + i]) return false
  return true
}

function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 2_166_136_261
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ bytes[i]!, 16_777_619)
  return (hash ^ (hash >>> 15)) & (bucketCount - 1)
}
