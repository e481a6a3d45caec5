// The oracle: the whole network as one broker with no queues, no bridges and no time. It is told in
// order of subscriptions that come and go and of messages that are taken, and says of each message
// which subscriptions must, may and must not get it. Obviously right is its only virtue.

import { tinySelector } from './tiny-selector.ts'

/** What the oracle knows of a subscription. */
export interface NaiveSubscription {
  readonly id: string
  readonly kind: 'queue' | 'topic'
  readonly pattern: string
  readonly selector?: string
}

/** What the oracle knows of a message. */
export interface NaiveMessage {
  readonly kind: 'queue' | 'topic'
  readonly destination: string
  readonly headers: ReadonlyMap<string, string>
  /** False if its time may run out, or it may be refused too often: nobody has to get it. */
  readonly isDue: boolean
}

/** Whether a subscription gets a message. Of a queue's message 'may' says that one of them must. */
export type Verdict = 'must' | 'may' | 'must-not'

/** Subscriptions by id: those that were there when a message was taken, and those before them. */
interface Audience {
  readonly present: ReadonlySet<string>
  readonly past: ReadonlySet<string>
}

/** A message that was taken, as the oracle remembers it. */
export interface NaiveTaken {
  readonly message: NaiveMessage
  readonly audience: Audience
}

/** See the top of this file. */
export class NaiveBroker {
  private readonly open = new Map<string, NaiveSubscription>()
  private readonly closed = new Map<string, NaiveSubscription>()
  /** Who is there now, and who was: made when asked for after a change, and never changed. */
  private audience: Audience | undefined = undefined

  subscribe(subscription: NaiveSubscription): void {
    this.audience = undefined
    this.open.set(subscription.id, subscription)
    this.closed.delete(subscription.id)
  }

  unsubscribe(id: string): void {
    const subscription = this.open.get(id)
    if (subscription === undefined) return
    this.audience = undefined
    this.open.delete(id)
    this.closed.set(id, subscription)
  }

  publish(message: NaiveMessage): NaiveTaken {
    this.audience ??= { present: new Set(this.open.keys()), past: new Set(this.closed.keys()) }
    return { message, audience: this.audience }
  }

  /** Whether a subscription, of now or of before, gets a message. */
  verdict({ message, audience }: NaiveTaken, id: string): Verdict {
    const subscription = this.open.get(id) ?? this.closed.get(id)
    if (subscription === undefined || !wants(subscription, message)) return 'must-not'
    // One that has come again may have been known to its broker before it was to us.
    if (audience.past.has(id) && !this.open.has(id)) return 'must-not'
    if (message.kind === 'queue' || !message.isDue) return 'may'
    return audience.present.has(id) && this.open.has(id) ? 'must' : 'may'
  }

  /**
   * True for a queue's message that some subscription there is now has to get.
   * @param isInReach false for one that the message may not get to; all are if left out
   */
  mustBeTaken({ message }: NaiveTaken, isInReach: (id: string) => boolean = () => true): boolean {
    if (message.kind !== 'queue' || !message.isDue) return false
    for (const subscription of this.open.values()) {
      if (wants(subscription, message) && isInReach(subscription.id)) return true
    }
    return false
  }

  /** Subscriptions that are there. */
  subscriptions(): IterableIterator<NaiveSubscription> {
    return this.open.values()
  }
}

function wants({ kind, pattern, selector }: NaiveSubscription, message: NaiveMessage): boolean {
  if (kind !== message.kind) return false
  const { destination } = message
  if (pattern !== destination && !covers(pattern.split('.'), destination.split('.'))) return false
  return selector === undefined || tinySelector(selector, message.headers)
}

/** '*' stands for one part of a name, '>' at the end for one or more. */
function covers(pattern: readonly string[], name: readonly string[]): boolean {
  return pattern.at(-1) === '>'
    ? name.length >= pattern.length &&
        covers(pattern.slice(0, -1), name.slice(0, pattern.length - 1))
    : name.length === pattern.length &&
        pattern.every((part, at) => part === '*' || part === name[at])
}
