// What went over each link, and how long it had no bridge. Counters of bridges start again with
// each of them; here they go on. A bridge counts as standing while both ends have it.

import type { SimLink } from '../topologies.ts'
import { rounded } from './latency-histogram.ts'
import type { BridgeSample, BrokerSample } from './observed-world.ts'
import type { BridgeReport } from './report.ts'

/** One end of a link: what that broker sent over it. */
class End {
  /** False from `onBridge` until the next; undefined before the first. */
  isUp: boolean | undefined = undefined
  messages = 0
  bytes = 0
  private lastMessages = 0
  private lastBytes = 0

  read({ messagesSent, bytesSent }: BridgeSample): void {
    if (messagesSent < this.lastMessages || bytesSent < this.lastBytes) this.startAgain()
    this.messages += messagesSent - this.lastMessages
    this.bytes += bytesSent - this.lastBytes
    this.lastMessages = messagesSent
    this.lastBytes = bytesSent
  }

  /** The next reading is of another bridge. */
  startAgain(): void {
    this.lastMessages = 0
    this.lastBytes = 0
  }

  forget(): void {
    this.messages = 0
    this.bytes = 0
  }
}

/** One link. */
class Line {
  readonly link: SimLink
  readonly endA = new End()
  readonly endB = new End()
  made = 0
  private downMs = 0
  private downSinceMs: number | undefined = 0

  constructor(link: SimLink) {
    this.link = link
  }

  get isStanding(): boolean {
    return this.downSinceMs === undefined
  }

  end(broker: string): End {
    return broker === this.link.a ? this.endA : this.endB
  }

  update(atMs: number): void {
    const stands = this.endA.isUp === true && this.endB.isUp === true
    if (stands === this.isStanding) return
    if (stands) {
      this.made += 1
      this.downMs += atMs - this.downSinceMs!
      this.downSinceMs = undefined
    } else {
      this.downSinceMs = atMs
    }
  }

  begin(atMs: number): void {
    this.downMs = 0
    if (!this.isStanding) this.downSinceMs = atMs
    this.endA.forget()
    this.endB.forget()
  }

  report(atMs: number): BridgeReport {
    const { link, endA, endB, made, downMs, downSinceMs } = this
    return {
      a: link.a,
      b: link.b,
      cost: link.cost,
      messagesToB: endA.messages,
      messagesToA: endB.messages,
      bytesToB: endA.bytes,
      bytesToA: endB.bytes,
      downMs: rounded(downMs + (downSinceMs === undefined ? 0 : atMs - downSinceMs)),
      bridgesMade: made
    }
  }
}

/** See the top of this file. */
export class BridgeMeter {
  private readonly lines: readonly Line[]
  private readonly byPair = new Map<string, Line>()
  private readonly byBroker = new Map<string, Line[]>()

  constructor(links: readonly SimLink[]) {
    this.lines = links.map((link) => new Line(link))
    for (const line of this.lines) {
      const { a, b } = line.link
      this.byPair.set(`${a} ${b}`, line).set(`${b} ${a}`, line)
      for (const broker of [a, b]) {
        this.byBroker.set(broker, [...(this.byBroker.get(broker) ?? []), line])
      }
    }
  }

  /** All that went over bridges, in bytes. */
  get bytes(): number {
    return this.lines.reduce((sum, { endA, endB }) => sum + endA.bytes + endB.bytes, 0)
  }

  /** True if some bridge of the broker stands; undefined if it has no links. */
  isInReach(broker: string): boolean | undefined {
    return this.byBroker.get(broker)?.some((line) => line.isStanding)
  }

  /** From now on it counts. Which bridges stand, and how many were made, stays known. */
  begin(atMs: number): void {
    for (const line of this.lines) line.begin(atMs)
  }

  /** @param last counters of the bridge that is down now, if they are known */
  onBridge(
    { broker, peer, isUp }: { broker: string; peer: string; isUp: boolean },
    atMs: number,
    last?: BridgeSample
  ): void {
    const line = this.byPair.get(`${broker} ${peer}`)
    if (line === undefined) return
    const end = line.end(broker)
    if (last !== undefined && end.isUp !== false) end.read(last)
    end.startAgain()
    end.isUp = isUp
    line.update(atMs)
  }

  /** A broker has no bridges any more, and tells nobody. */
  onCrash(broker: string, atMs: number): void {
    for (const line of this.byBroker.get(broker) ?? []) {
      const end = line.end(broker)
      end.startAgain()
      end.isUp = false
      line.update(atMs)
    }
  }

  read(samples: readonly BrokerSample[]): void {
    for (const { broker, bridges } of samples) {
      for (const sample of bridges) {
        const end = this.byPair.get(`${broker} ${sample.peer}`)?.end(broker)
        // After its end a bridge may still be in a list that was made before.
        if (end !== undefined && end.isUp !== false) end.read(sample)
      }
    }
  }

  report(atMs: number): BridgeReport[] {
    return this.lines.map((line) => line.report(atMs))
  }
}
