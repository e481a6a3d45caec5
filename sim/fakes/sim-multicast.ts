// One segment of a simulated local network that carries multicast: datagrams reach every member of
// their group on the segment, the sender's own too, and may be lost, doubled, late or out of order.

import { assert, PostroadError } from '../../src/base/index.ts'
import type {
  Multicast,
  MulticastGroup,
  MulticastHandlers,
  MulticastMember
} from '../../src/ports/index.ts'
import type { SimScheduler } from '../scheduler.ts'

/** How good the segment is. All are 0 by default but the longest delay, 2 ms. */
export interface SimSegmentOptions {
  /** Probability of a datagram not reaching a given member. */
  readonly lossShare?: number
  /** Probability of it reaching a given member twice. */
  readonly duplicationShare?: number
  readonly delayMsMin?: number
  readonly delayMsMax?: number
}

/** Largest datagram of the port. */
const datagramBytesMax = 1_400

/** A segment. Each host gets its own {@link Multicast} from {@link SimSegment.multicast}. */
export class SimSegment {
  private readonly scheduler: SimScheduler
  private readonly random
  private options: SimSegmentOptions
  private readonly members = new Set<SimMember>()
  private readonly isolated = new Set<string>()
  /** How often each host crashed. */
  private readonly lives = new Map<string, number>()

  constructor(scheduler: SimScheduler, options: SimSegmentOptions = {}) {
    this.scheduler = scheduler
    this.random = scheduler.random.fork('segment')
    this.options = options
  }

  /** The multicast port of the host called `address`. */
  multicast(address: string): Multicast {
    return {
      join: (group, handlers, done) => {
        const life = this.livesOf(address)
        this.scheduler.after(0, () => {
          if (this.livesOf(address) !== life) return
          const member = new SimMember({ segment: this, address, group, handlers })
          this.members.add(member)
          this.scheduler.trace('multicast-join', address, group.address)
          done(member)
        })
      }
    }
  }

  /** Changes how good the segment is, from now on. */
  setQuality(options: SimSegmentOptions): void {
    this.options = options
  }

  /** Cuts a host off from the segment; it still hears itself. */
  isolate(address: string): void {
    this.isolated.add(address)
  }

  /** Joins a host to the segment again. */
  rejoin(address: string): void {
    this.isolated.delete(address)
  }

  /** Crashes a host: none of its members' handlers is called again, nor a join under way ended. */
  crash(address: string): void {
    this.lives.set(address, this.livesOf(address) + 1)
    for (const member of this.members) {
      if (member.address === address) this.members.delete(member)
    }
  }

  /** Makes a host's memberships fail, as when its interface goes away. */
  fail(address: string): void {
    for (const member of this.members) {
      if (member.address === address) {
        const text = `the interface of ${address} went away`
        this.leave(member, new PostroadError('LOCAL_LISTEN_FAILED', text, { address }))
      }
    }
  }

  /** Only for members: sends to every member of the group. */
  send(from: SimMember, bytes: Buffer): void {
    if (!this.members.has(from)) return
    this.scheduler.trace('multicast-send', from.address, bytes.length)
    for (const to of this.members) {
      if (to.group.address !== from.group.address || to.group.port !== from.group.port) continue
      if (!this.joins(from.address, to.address)) continue
      if (this.random.chance(this.options.lossShare ?? 0)) continue
      this.deliver(from, to, bytes)
      if (this.random.chance(this.options.duplicationShare ?? 0)) this.deliver(from, to, bytes)
    }
  }

  /** Only for members: leaves the group. */
  leave(member: SimMember, cause: Error | undefined): void {
    if (!this.members.delete(member)) return
    this.scheduler.trace('multicast-leave', member.address, cause?.message ?? '')
    const life = this.livesOf(member.address)
    this.scheduler.after(0, () => {
      if (this.livesOf(member.address) === life) member.handlers.onClose(cause)
    })
  }

  private livesOf(address: string): number {
    return this.lives.get(address) ?? 0
  }

  private joins(from: string, to: string): boolean {
    return from === to || (!this.isolated.has(from) && !this.isolated.has(to))
  }

  private deliver(from: SimMember, to: SimMember, bytes: Buffer): void {
    const { delayMsMin = 0, delayMsMax = 2 } = this.options
    const delayMs = delayMsMin + (delayMsMax - delayMsMin) * this.random.float()
    const copy = Buffer.from(bytes)
    this.scheduler.after(delayMs, () => {
      if (!this.members.has(to)) return
      this.scheduler.trace('multicast-deliver', to.address, copy.length)
      to.handlers.onDatagram(copy, from.address)
    })
  }
}

interface SimMemberOptions {
  readonly segment: SimSegment
  readonly address: string
  readonly group: MulticastGroup
  readonly handlers: MulticastHandlers
}

class SimMember implements MulticastMember {
  readonly address: string
  readonly group: MulticastGroup
  readonly handlers: MulticastHandlers
  private readonly segment: SimSegment

  constructor(options: SimMemberOptions) {
    this.address = options.address
    this.group = options.group
    this.handlers = options.handlers
    this.segment = options.segment
  }

  send(bytes: Buffer): void {
    assert(bytes.length <= datagramBytesMax, 'a datagram holds at most 1,400 bytes')
    this.segment.send(this, bytes)
  }

  close(): void {
    this.segment.leave(this, undefined)
  }
}
