// Judge: what is delivered is what one naive broker would deliver (sim/model/naive-broker.ts). What
// it says must not happen must never happen. What it says must happen does, exactly once, when
// nothing has failed; when something has, the other judges weigh the excuses.

import { NaiveBroker, type NaiveTaken } from '../model/naive-broker.ts'
import { isTiny } from '../model/tiny-selector.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { MessageRecord } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'oracle'

/** What the judge remembers of a message. */
interface Book {
  readonly record: MessageRecord
  readonly taken: NaiveTaken
  /** The subscription that got it first, and how often; most messages go to one. */
  session: string
  count: number
  /** Copies of other subscriptions. */
  others: Map<string, number> | undefined
}

/** Compares each delivery as it comes, and all of them at the end. */
export function oracle(world: SimWorld, complain: Complain): Checker {
  // Selectors that people write may be beyond it.
  const canRead = world.plan.consumers.every(
    ({ selector }) => selector === undefined || isTiny(selector)
  )
  if (!canRead) return { name }
  const naive = new NaiveBroker()
  /** By the record's index. */
  const books: Book[] = []
  /** What became a dead letter although nobody refused it, such as what no bridge can carry. */
  const deadLetters = new Set<MessageRecord>()
  world.ledger.listen({
    onSessionOpened: (session) => naive.subscribe(session),
    onSessionClosed: ({ id }) => naive.unsubscribe(id)
  })
  return {
    name,
    onAccepted(record) {
      const { index, kind, destination, headers, expiresAtMs } = record
      const isDue = expiresAtMs === undefined
      const taken = naive.publish({ kind, destination, headers, isDue })
      books[index] = { record, taken, session: '', count: 0, others: undefined }
    },
    onDeadLettered(record) {
      deadLetters.add(record)
    },
    onDelivered({ record, session, isDeadLetter }) {
      if (isDeadLetter === true) return
      const book = books[record.index]
      if (book === undefined) return
      countCopy(book, session)
      if (world.ledger.session(session) === undefined) return
      if (naive.verdict(book.taken, session) !== 'must-not') return
      complain(name, `${session} got ${record.key}, which one broker would not give it`)
    },
    atRest() {
      if (!world.isCalm) return
      for (const book of books) {
        if (book === undefined || deadLetters.has(book.record)) continue
        const text = findDifference(world, naive, book)
        if (text !== undefined) complain(name, text)
      }
    }
  }
}

function countCopy(book: Book, session: string): void {
  if (book.count === 0) book.session = session
  if (book.session === session) {
    book.count += 1
    return
  }
  book.others ??= new Map()
  book.others.set(session, (book.others.get(session) ?? 0) + 1)
}

function copiesOf({ session, count, others }: Book, of: string): number {
  return session === of ? count : (others?.get(of) ?? 0)
}

function findDifference(world: SimWorld, naive: NaiveBroker, book: Book): string | undefined {
  const { record, taken, count, others } = book
  const { key, kind, destination, origin, refusals, phase, consumed } = record
  const reachable = world.reachableFrom(origin, { kind, name: destination })
  const isInReach = (id: string): boolean =>
    reachable.includes(world.ledger.session(id)?.broker ?? '')
  if (kind === 'queue') {
    let total = count
    if (others !== undefined) for (const copies of others.values()) total += copies
    if (total > refusals + 1) return `${key} was given ${total} times; one broker gives it once`
    const isDone = consumed > 0 || refusals > 0
    if (isDone || !naive.mustBeTaken(taken, isInReach)) return undefined
    return `${key} was given to nobody; one broker gives it to one of its consumers`
  }
  for (const { id } of naive.subscriptions()) {
    const copies = copiesOf(book, id)
    // Before all was at work an origin need not have heard of every subscription.
    const mustCome = phase > 0 && isInReach(id) && naive.verdict(taken, id) === 'must'
    if (copies === 0 && mustCome) return `${id} never got ${key}; one broker gives it`
    if (copies > refusals + 1) return `${id} got ${key} ${copies} times; one broker gives it once`
  }
  return undefined
}
