// Reads DATA frames of one connection's incoming direction, and keeps the aliases its DEFINE frames
// set up. Headers and body of the message are ranges of the bytes read: nothing is copied. Never
// throws on what a peer sent; the caller ends the bridge with `fault`.

import { isPostroadError } from '../../base/index.ts'
import type { Destination, DestinationTable } from '../../broker/index.ts'
import { Message, type MessageOrigin } from '../../broker/index.ts'
import type { Clock } from '../../ports/index.ts'
import type { ByteReader } from './byte-reader.ts'
import { type Lane, lanes } from './custody.ts'
import { dataFlags, transferFlags } from './data-encoder.ts'
import type { AliasKind, Define } from './define.ts'
import { pathLengthMax, targetsMax } from './frame-types.ts'
import type { OriginTable } from './origin-table.ts'

const noNames: readonly string[] = []

/** One direction's DATA reader; lives as long as its connection. */
export class DataDecoder {
  /** Of the frame read last: its lane of the custody channel, and its place there. */
  lane: Lane = lanes.volatile
  sequence = 0
  /**
   * Of a frame that was malformed: its place is known, and what is wrong is the message alone, so
   * that others can be told of it and the rest goes on.
   */
  isOneBad = false
  /** Of the frame read last: the brokers it is for. Shared between frames: never change it. */
  targets: readonly string[] = noNames
  /** Of the frame read last: bits of {@link transferFlags}. */
  flags = 0
  private readonly peer: string
  private readonly destinationTable: DestinationTable
  private readonly originTable: OriginTable
  private readonly origins: MessageOrigin[] = []
  private readonly destinations: Destination[] = []
  private readonly brokers: string[] = []
  /** The lists read last: most frames repeat them, and then share one array. */
  private readonly pathMemo: ListMemo = { aliases: [], names: noNames }
  private readonly targetsMemo: ListMemo = { aliases: [], names: noNames }

  /** @param peer the broker at the other end, which every message read has crossed */
  constructor(peer: string, destinations: DestinationTable, origins: OriginTable) {
    this.peer = peer
    this.destinationTable = destinations
    this.originTable = origins
    this.pathMemo.names = [peer]
  }

  /** Takes a DEFINE; answers what is wrong with it, or undefined. */
  define(define: Define): string | undefined {
    const { kind, alias } = define
    const table = this.tableOf(kind)
    if (alias !== table.length) return `DEFINE: alias of ${kind} is ${alias}, not ${table.length}`
    switch (define.kind) {
      case 'origin':
        this.origins.push(this.originTable.get(define.broker, define.incarnation))
        return undefined
      case 'destination':
        return this.defineDestination(define)
      case 'broker':
        this.brokers.push(define.broker)
        return undefined
    }
  }

  /** Takes a RESET. */
  reset(kind: AliasKind): void {
    this.tableOf(kind).length = 0
    if (kind !== 'broker') return
    this.pathMemo.aliases.length = 0
    this.pathMemo.names = [this.peer]
    this.targetsMemo.aliases.length = 0
    this.targetsMemo.names = noNames
  }

  /**
   * Reads one DATA payload; undefined if it is malformed, and then `reader.fault` says how. The
   * clock is read only for messages that expire.
   */
  decode(reader: ByteReader, clock: Pick<Clock, 'monotonicMs'>): Message | undefined {
    const flags = reader.u8('flags')
    this.lane = (flags & dataFlags.persistent) !== 0 ? lanes.persistent : lanes.volatile
    this.sequence = reader.varint('sequence')
    this.isOneBad = reader.fault === undefined
    const origin = this.origins[reader.varint('origin')]
    const originSequence = reader.varint('origin sequence')
    const destination = this.destinations[reader.varint('destination')]
    if (origin === undefined || destination === undefined) {
      this.isOneBad = false
      reader.fail(origin === undefined ? 'origin' : 'destination', 'is an alias never defined')
      return undefined
    }
    const message = new Message(destination, origin, originSequence)
    message.isPersistent = (flags & dataFlags.persistent) !== 0
    message.hasEscapes = (flags & dataFlags.hasEscapes) !== 0
    message.isRedelivered = (flags & dataFlags.redelivered) !== 0
    this.flags = (flags & dataFlags.maybeDuplicate) !== 0 ? transferFlags.maybeDuplicate : 0
    message.chosenAt = 0
    if ((flags & dataFlags.hasExtras) !== 0) readExtras(reader, message)
    if ((flags & dataFlags.hasExpiry) !== 0) {
      const leftMs = reader.varint('ms to live')
      if (leftMs === 0) reader.fail('ms to live', 'is 0, expected at least 1')
      // The last millisecond is over: else what expires on its way would live on at each broker,
      // and be delivered by the one that can do so at once.
      const isOver = leftMs <= 1
      message.expiresAtMs = Math.max(1, clock.monotonicMs() + (isOver ? 0 : leftMs))
    }
    this.readPath(reader, (flags & dataFlags.hasPath) !== 0)
    message.brokerPath = this.pathMemo.names
    this.readTargets(reader, (flags & dataFlags.manyTargets) !== 0)
    this.targets = this.targetsMemo.names
    const headersBytes = reader.varint('length of headers')
    const { at } = reader
    if (headersBytes > reader.end - at) reader.fail('headers', 'are cut short')
    if (reader.fault !== undefined) return undefined
    message.headers = reader.bytes
    message.headersStart = at
    message.headersEnd = at + headersBytes
    message.body = reader.bytes
    message.bodyStart = at + headersBytes
    message.bodyEnd = reader.end
    return message
  }

  private readPath(reader: ByteReader, isPresent: boolean): void {
    const count = isPresent ? reader.bounded('length of path', pathLengthMax) : 0
    if (isPresent && count === 0) reader.fail('path', 'is empty; its flag must be off then')
    const memo = this.pathMemo
    // Whoever sent the message has been crossed as well, and need not say so.
    if (this.readNames(reader, count, memo)) memo.names = [...memo.names, this.peer]
  }

  private readTargets(reader: ByteReader, isMany: boolean): void {
    const count = isMany ? reader.bounded('number of targets', targetsMax) : 1
    if (isMany && count < 2) reader.fail('number of targets', 'is under 2; its flag must be off')
    this.readNames(reader, count, this.targetsMemo)
  }

  /** Reads `count` aliases into `memo`; false when they are those of the frame before. */
  private readNames(reader: ByteReader, count: number, memo: ListMemo): boolean {
    const { aliases } = memo
    let isSame = aliases.length === count
    for (let i = 0; i < count && reader.fault === undefined; i += 1) {
      const alias = reader.varint('broker')
      if (alias >= this.brokers.length) {
        this.isOneBad = false
        reader.fail('broker', `is alias ${alias}, never defined`)
      }
      if (isSame && aliases[i] === alias) continue
      isSame = false
      aliases[i] = alias
    }
    if (isSame) return false
    aliases.length = count
    memo.names = aliases.map((alias) => this.brokers[alias]!)
    return true
  }

  private defineDestination(define: Define & { kind: 'destination' }): string | undefined {
    try {
      this.destinations.push(this.destinationTable.get(define.of, define.name))
      return undefined
    } catch (error) {
      if (isPostroadError(error)) return `DEFINE: ${error.message}`
      throw error
    }
  }

  private tableOf(kind: AliasKind): unknown[] {
    if (kind === 'origin') return this.origins
    return kind === 'destination' ? this.destinations : this.brokers
  }
}

interface ListMemo {
  readonly aliases: number[]
  names: readonly string[]
}

function readExtras(reader: ByteReader, message: Message): void {
  message.priority = reader.u8('priority')
  if (message.priority > 9) reader.fail('priority', `is ${message.priority}, at most 9`)
  message.redirects = reader.varint('redirects')
  message.chosenAt = reader.bounded('place of the choice', pathLengthMax)
}
