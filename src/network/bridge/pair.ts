// What this broker knows of one pair: itself and one other broker. At most one connection is the
// bridge of a pair, and both ends agree on which, because one of them alone decides: the arbiter,
// the broker with the larger name. It numbers the connections it grants; the other end obeys the
// largest number. See docs/internals/bridge-protocol.md, "One bridge per pair".

import { mark } from '../../base/index.ts'
import type { Answer, Hello, Inquiry } from '../bridge-protocol/index.ts'
import type { Bridge } from './bridge.ts'
import type { BridgeConnection } from './bridge-connection.ts'
import type { IncomingStore } from './incoming-channel.ts'
import { IncomingLanes } from './incoming-lanes.ts'
import type { OutgoingDeps, OutgoingOptions, Returned } from './outgoing-channel.ts'
import { OutgoingLanes } from './outgoing-lanes.ts'

/** A standing bridge younger than this wins over one the other end dialled at the same time. */
export const raceMs = 2000

/** A pair that nothing needs any more is remembered this long, in milliseconds. */
const rememberMs = 60_000

/** A grant that was overtaken comes no later than this after the one that overtook it. */
const overtakenMsMax = 15_000

/** One life of a broker: a process, with the memory it has. */
interface Life {
  readonly brokerId: string
  readonly incarnation: number
  readonly frameBytesMax: number
}

/** What the channels of a pair stand on. */
export interface PairDeps extends OutgoingDeps {
  readonly incoming?: IncomingStore | undefined
}

/** See the top of this file. */
export class Pair {
  readonly peer: string
  readonly outgoing: OutgoingLanes
  readonly incoming: IncomingLanes
  /** The connection that is the bridge. */
  current: BridgeConnection | undefined = undefined
  /** A connection dialled here on which START was sent and not answered yet. */
  pending: BridgeConnection | undefined = undefined
  bridge: Bridge | undefined = undefined
  private life: Life | undefined = undefined
  /** Largest grant of the arbiter's present life, when the other end is the arbiter. */
  private generation = 0
  private arbiterLife: Life | undefined = undefined
  private obeyedMs = 0
  private freeSinceMs = 0
  /** Number of the grant of the bridge that was lost last in this life; 0 for none. */
  lostGeneration = 0

  constructor(peer: string, deps: PairDeps, options: OutgoingOptions) {
    this.peer = peer
    this.outgoing = new OutgoingLanes(peer, deps, options)
    this.incoming = new IncomingLanes(deps.clock, deps.incoming)
  }

  /** The connection that stands or is about to; a second one must not be started beside it. */
  get standing(): BridgeConnection | undefined {
    return this.current ?? this.pending
  }

  /** Remembers since when nothing stands. */
  becomeFree(nowMs: number): void {
    this.freeSinceMs = nowMs
  }

  /** True when nothing would be lost by forgetting this pair. */
  isForgettable(nowMs: number): boolean {
    const isUnused = this.standing === undefined && this.outgoing.pending === 0
    return isUnused && nowMs - this.freeSinceMs > rememberMs
  }

  /** Notes which process is at the other end now; answers whether it is the one from before. */
  meet(hello: Hello): boolean {
    const { life } = this
    const isSame =
      life !== undefined && areSameLife(life, hello) && life.frameBytesMax === hello.frameBytesMax
    if (!isSame) this.life = lifeOf(hello)
    return isSame
  }

  /** What to ask the other end by another way; undefined while nothing of this pair is in doubt. */
  get question(): Pick<Inquiry, 'toIncarnation' | 'generation'> | undefined {
    if (this.standing !== undefined || this.outgoing.pending === 0) return undefined
    return { toIncarnation: this.life?.incarnation ?? 0, generation: this.lostGeneration }
  }

  /**
   * For the end that is asked: is what stands the bridge that the asking one has lost, or one of an
   * earlier life of it? Nothing more is taken over that.
   */
  isLost(connection: BridgeConnection, inquiry: Inquiry, ownIncarnation: number): boolean {
    const { fromIncarnation, toIncarnation, generation } = inquiry
    if (connection.hello!.incarnation < fromIncarnation) return true
    return toIncarnation === ownIncarnation && connection.generation <= generation
  }

  /**
   * Takes what the other end has said by another way.
   * @returns what is this broker's again; undefined if the answer is not to the present question
   */
  resolve(answer: Answer): Returned[] | undefined {
    const { question, life } = this
    if (question === undefined || question.generation !== answer.generation) return undefined
    const { received, fromId, fromIncarnation: peerLife } = answer
    const isSameLife = life?.brokerId === fromId && life.incarnation === peerLife
    return this.outgoing.resolve({ received, isSameLife, peerLife })
  }

  /** For the arbiter: may the connection that asks to start replace what stands? */
  mayGrant(asking: Hello, nowMs: number): boolean {
    const { standing } = this
    const known = standing?.hello
    if (standing === undefined || known === undefined) return true
    if (!areSameLife(known, asking)) {
      mark('bridge-granted-to-later-life')
      return true
    }
    // Who dialled what stands would not ask again unless it has lost it: ours is half-open.
    if (!standing.isDialler) {
      mark('bridge-half-open-given-up')
      return true
    }
    // Both dialled at once; the arbiter's connection stays. Later, the other end has lost it.
    return nowMs - standing.standingSinceMs >= raceMs
  }

  /**
   * For the other end: is this grant the latest? A later one may have overtaken it. But a later
   * life that is gone for long was a copy of the broker, and must not keep it out for good.
   */
  obeys(arbiter: Hello, generation: number, nowMs: number): boolean {
    const { arbiterLife } = this
    if (arbiterLife?.brokerId === arbiter.brokerId) {
      const isOfNow = this.current !== undefined || nowMs - this.obeyedMs < overtakenMsMax
      if (arbiter.incarnation < arbiterLife.incarnation && isOfNow) {
        mark('bridge-grant-of-earlier-life')
        return false
      }
      const isSame = arbiter.incarnation === arbiterLife.incarnation
      if (isSame && generation <= this.generation) return false
    }
    this.arbiterLife = lifeOf(arbiter)
    this.generation = generation
    this.obeyedMs = nowMs
    return true
  }
}

/** True when both are the same process of the same broker. */
export function areSameLife(
  a: { readonly brokerId: string; readonly incarnation: number },
  b: { readonly brokerId: string; readonly incarnation: number }
): boolean {
  return a.brokerId === b.brokerId && a.incarnation === b.incarnation
}

function lifeOf(hello: Hello): Life {
  const { brokerId, incarnation, frameBytesMax } = hello
  return { brokerId, incarnation, frameBytesMax }
}
