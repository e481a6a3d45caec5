// What this broker takes of one queue from other brokers, for its own consumers: a window of
// messages, of which each broker that sends some is granted a share. It holds twice what the
// consumers take at once, one half in their hands and one waiting, so that none of them runs dry;
// and more where the way is long: it doubles when the queue ran empty while a sender had no grant
// left, and gives back what always waits here. So messages stay near their producer, and yet a fast
// consumer far away gets all it can take.
// Invariant: nobody is granted more than what is left of the window when the grant is made.

import { mark } from '../../base/index.ts'
import type { Message, Queue } from '../../broker/index.ts'
import type { QueueGrant } from '../bridge-protocol/index.ts'

/** Times the consumers' capacity that a window is at least. */
const windowTimes = 2
/** A window does not grow further, unless the consumers alone take more. */
const windowMax = 65_536
/** Brokers one queue counts messages of; what others send waits for nobody's word. */
const sendersMax = 8_192
/** Sweeps without a message after which a sender is forgotten. */
const idleSweepsMax = 2
/** A grant is told when it differs from the one before by this share of the window. */
const toldShare = 0.25

/** A broker that sends messages of one queue here. */
export interface Sender {
  readonly broker: string
  /** The path of its last message, and its own place there. */
  path: readonly string[]
  place: number
  /** Messages that have come from it. */
  arrived: number
  /** How many may have come in the end, as it was told. */
  limit: number
  /** The limit it has used up; undefined if it has not said so since more has come. */
  shortAt: number | undefined
  /** What it was told when the window last grew: before that it cannot have had the use of it. */
  grownTo: number
  /** What it knows of the consumers; -1 if it must be told in any case. */
  capacityTold: number
  arrivedAtSweep: number
  idleSweeps: number
}

/** See the top of this file. */
export class Intake {
  readonly queue: Queue
  /** For the queue: it tells when so many are settled. */
  settledAt = Number.POSITIVE_INFINITY
  window = 0
  private readonly onDue: (intake: Intake) => void
  private readonly senders = new Map<string, Sender>()
  /** The queue was seen empty while a sender had no grant left. */
  private ranEmpty = false
  /** Least that waited here since the window was looked at, and when it is looked at again. */
  private waitingMin = Number.POSITIVE_INFINITY
  private roundEnd = 0
  /** Who sent the last message. */
  private last: Sender | undefined = undefined

  /** @param onDue somebody may have to be told: `takeDue` is to be asked soon */
  constructor(queue: Queue, onDue: (intake: Intake) => void) {
    this.queue = queue
    this.onDue = onDue
  }

  /** A message for the consumers here has come; it is not in the queue yet. */
  onArrival({ brokerPath, chosenAt }: Message): void {
    // A path is one array for many messages.
    let sender = this.last
    if (sender?.path !== brokerPath || sender.place !== chosenAt) {
      sender = this.senderOf(brokerPath[chosenAt])
      if (sender === undefined) return
      sender.path = brokerPath
      sender.place = chosenAt
      this.last = sender
    }
    sender.arrived += 1
    if (sender.shortAt !== undefined && sender.arrived > sender.shortAt) {
      if (this.isHungry) this.ranEmpty = true
      sender.shortAt = undefined
    }
    if (this.settledAt === Number.POSITIVE_INFINITY) this.watchFrom(this.queue.settled)
  }

  /** A sender has messages, and no grant left. */
  onShort(broker: string, limit: number): void {
    const sender = this.senderOf(broker)
    if (sender === undefined) return
    if (limit >= sender.grownTo) sender.shortAt = Math.min(limit, sender.limit)
    // It hears of what it has in any case: the last grant may have been lost.
    sender.capacityTold = -1
    sender.idleSweeps = 0
    this.onDue(this)
  }

  /** So many are settled that there may be something to tell. */
  onSettled(): void {
    this.settledAt = Number.POSITIVE_INFINITY
    this.onDue(this)
  }

  /** Grants that are due, to be told now. */
  takeDue(): { readonly sender: Sender; readonly grant: QueueGrant }[] {
    const { queue } = this
    const capacity = queue.consumers.capacity
    const hasGrown = this.adapt(capacity)
    const room = capacity === 0 ? 0 : Math.max(0, this.window - this.held)
    const active = Math.max(1, this.countActive())
    // Whoever waits must not wait for ever because many share what little there is.
    const share = Math.min(room, Math.max(1, Math.floor(room / active)))
    const due: { sender: Sender; grant: QueueGrant }[] = []
    for (const sender of this.senders.values()) {
      const { arrived, limit } = sender
      const isNews = arrived + share - limit >= Math.max(1, this.step / active)
      if (!isNews && sender.capacityTold === capacity) continue
      sender.limit = arrived + share
      if (hasGrown) sender.grownTo = sender.limit
      sender.capacityTold = capacity
      due.push({ sender, grant: { queue: queue.name, arrived, room: share, capacity } })
    }
    this.watchFrom(queue.settled)
    return due
  }

  /**
   * Periodic work: forgets who sends no more, and tells the others again.
   * @returns false when nobody is left
   */
  sweep(): boolean {
    for (const [broker, sender] of this.senders) {
      sender.idleSweeps = sender.arrived === sender.arrivedAtSweep ? sender.idleSweeps + 1 : 0
      sender.arrivedAtSweep = sender.arrived
      sender.capacityTold = -1
      if (sender.idleSweeps > idleSweepsMax) this.forget(broker)
    }
    if (this.countActive() === 0) this.window = Math.floor(this.window / 2)
    if (this.senders.size > 0) this.onDue(this)
    return this.senders.size > 0
  }

  /** What the window is used up by: all that waits for consumers here or is in their hands. */
  private get held(): number {
    const { delivered, delayed } = this.queue
    return this.waiting + delivered - delayed
  }

  private get waiting(): number {
    const { queue } = this
    return queue.waiting === 0 ? 0 : Math.max(0, queue.waiting - queue.countUnwanted())
  }

  /** True while a consumer here has nothing to do. */
  private get isHungry(): boolean {
    return this.waiting === 0 && this.queue.consumers.hasLocalCredit
  }

  /** Makes the window fit what was seen since the last time; answers whether it has grown. */
  private adapt(capacity: number): boolean {
    const least = windowTimes * capacity
    const { settled } = this.queue
    const hasGrown = this.ranEmpty || (this.isSomebodyShort && this.isHungry)
    this.waitingMin = Math.min(this.waitingMin, this.waiting)
    if (hasGrown || settled >= this.roundEnd) {
      // All that the window lets through now must have gone before a change of it shows.
      const excess = hasGrown ? 0 : Math.max(0, this.waitingMin - capacity)
      this.waitingMin = Number.POSITIVE_INFINITY
      this.roundEnd = settled + this.window
      this.window -= excess
    }
    if (hasGrown) {
      mark('intake-ran-empty')
      this.window = Math.min(this.window * 2, Math.max(windowMax, least))
      this.ranEmpty = false
      for (const sender of this.senders.values()) sender.shortAt = undefined
    }
    this.window = Math.max(this.window, least)
    return hasGrown
  }

  private get isSomebodyShort(): boolean {
    for (const { shortAt } of this.senders.values()) if (shortAt !== undefined) return true
    return false
  }

  /** The queue tells after a share of the window, or when what waits is gone. */
  private watchFrom(settled: number): void {
    const { waiting, step } = this
    this.settledAt = settled + Math.max(1, waiting > 0 ? Math.min(step, waiting) : step)
  }

  private get step(): number {
    return Math.floor(this.window * toldShare)
  }

  private countActive(): number {
    let count = 0
    for (const { idleSweeps } of this.senders.values()) if (idleSweeps === 0) count += 1
    return count
  }

  private senderOf(broker: string | undefined): Sender | undefined {
    if (broker === undefined) return undefined
    const known = this.senders.get(broker)
    if (known !== undefined) return known
    if (this.senders.size >= sendersMax) {
      mark('intake-of-too-many-senders')
      return undefined
    }
    const sender: Sender = {
      ...{ broker, path: [], place: -1, arrived: 0, limit: 0, shortAt: undefined, grownTo: 0 },
      ...{ capacityTold: -1, arrivedAtSweep: 0, idleSweeps: 0 }
    }
    this.senders.set(broker, sender)
    // Before the first message it had nothing but a guess: it is told as soon as can be.
    this.onDue(this)
    return sender
  }

  private forget(broker: string): void {
    this.senders.delete(broker)
    if (this.last?.broker === broker) this.last = undefined
  }
}
