// The intakes of all queues that other brokers send messages of: counts what arrives, and gathers
// the grants that are due, so that one frame tells a broker of all its queues. The first after a
// pause is told at the end of the turn. Invariant: an intake is there while somebody has sent
// messages of its queue within the last sweeps, and no longer than the queue.

import type { Message, Queue } from '../../broker/index.ts'
import type { Clock } from '../../ports/index.ts'
import type { QueueGrant, QueueShort } from '../bridge-protocol/index.ts'
import { Intake } from './intake.ts'

/** Grants after a flush are gathered for this long. */
const batchMs = 2

/** What a broker that sends messages here is to be told. */
export interface SenderGrant {
  readonly broker: string
  /** The brokers between, the nearest first; empty too where they are not known. */
  readonly via: readonly string[]
  readonly queues: readonly QueueGrant[]
}

/** What intakes need. */
export interface IntakesDependencies {
  readonly clock: Clock
  findQueue(name: string): Queue | undefined
  tell(grant: SenderGrant): void
}

/** See the top of this file. */
export class Intakes {
  private readonly deps: IntakesDependencies
  private readonly byName = new Map<string, Intake>()
  private readonly due = new Set<Intake>()
  private isScheduled = false
  private lastFlushMs = Number.NEGATIVE_INFINITY

  constructor(deps: IntakesDependencies) {
    this.deps = deps
  }

  /** Queues that other brokers send messages of. */
  get size(): number {
    return this.byName.size
  }

  /** A queue's message for the consumers here has come; it is not in the queue yet. */
  onArrival(message: Message): void {
    const { name } = message.destination
    const intake = this.byName.get(name) ?? this.open(name)
    intake?.onArrival(message)
  }

  /** Another broker has messages of that queue, and no grant left. */
  onShort({ queue, limit }: QueueShort, broker: string): void {
    const intake = this.byName.get(queue) ?? this.open(queue)
    intake?.onShort(broker, limit)
  }

  forget(queue: Queue): void {
    const intake = this.byName.get(queue.name)
    if (intake?.queue !== queue) return
    queue.watch = undefined
    this.byName.delete(queue.name)
    this.due.delete(intake)
  }

  /** Periodic work. */
  sweep(): void {
    for (const intake of this.byName.values()) if (!intake.sweep()) this.forget(intake.queue)
  }

  private open(name: string): Intake | undefined {
    const queue = this.deps.findQueue(name)
    if (queue === undefined) return undefined
    const intake = new Intake(queue, this.onDue)
    queue.watch = intake
    this.byName.set(name, intake)
    return intake
  }

  private readonly onDue = (intake: Intake): void => {
    this.due.add(intake)
    if (this.isScheduled) return
    this.isScheduled = true
    const { clock } = this.deps
    const waitMs = this.lastFlushMs + batchMs - clock.monotonicMs()
    if (waitMs <= 0) clock.endOfTurn(this.flush)
    else clock.schedule(waitMs, this.flush)
  }

  private readonly flush = (): void => {
    this.isScheduled = false
    this.lastFlushMs = this.deps.clock.monotonicMs()
    const told = new Map<string, { readonly via: string[]; readonly queues: QueueGrant[] }>()
    for (const intake of this.due) {
      for (const { sender, grant } of intake.takeDue()) {
        const { broker, path, place } = sender
        const known = told.get(broker)
        if (known !== undefined) known.queues.push(grant)
        else told.set(broker, { via: path.slice(place + 1).reverse(), queues: [grant] })
      }
    }
    this.due.clear()
    for (const [broker, { via, queues }] of told) this.deps.tell({ broker, via, queues })
  }
}
