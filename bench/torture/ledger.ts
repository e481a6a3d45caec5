// The oracle of the torture: what producers sent and had receipts for, and what consumers were
// given and acknowledged, and from both what went wrong. Plain data; it reads no clock.
// Invariant: it believes nothing that a broker says about itself, only what clients saw.

/** Who must get a message: the consumers of a queue together, or one durable subscription. */
export interface Audience {
  /** Queue or subscription. */
  readonly name: string
  readonly destination: string
}

/** One copy that a consumer was given. */
export interface Copy {
  readonly audience: string
  readonly consumer: string
  /** Which connection of the consumer, from 1. */
  readonly session: number
  readonly atMs: number
  readonly isFlagged: boolean
  isAcknowledged: boolean
}

/** All that is known of one message. */
export interface Account {
  readonly key: string
  readonly destination: string
  readonly producer: string
  readonly sentMs: number
  receiptMs: number | undefined
  readonly copies: Copy[]
}

/** What went wrong with one message. */
export interface Violation {
  readonly kind: 'lost' | 'unflagged-duplicate' | 'revived' | 'broken' | 'unknown'
  readonly key: string
  readonly audience: string
  readonly text: string
}

/** Sums over all messages. */
export interface LedgerTotals {
  readonly sent: number
  readonly receipted: number
  /** Sent without a receipt: may be there or not. */
  readonly unconfirmed: number
  readonly delivered: number
  /** Copies after the first, all flagged as redelivered. */
  readonly repeats: number
  /** Receipted messages that some audience has not acknowledged yet. */
  readonly late: number
}

/** See the top of this file. */
export class Ledger {
  private readonly accounts = new Map<string, Account>()
  private readonly audiences = new Map<string, Audience[]>()
  private readonly strange: Violation[] = []
  private readonly late = new Set<string>()
  private receipted = 0
  private delivered = 0
  private repeats = 0
  private endMs: number | undefined = undefined

  constructor(audiences: readonly Audience[]) {
    for (const audience of audiences) {
      const known = this.audiences.get(audience.destination) ?? []
      this.audiences.set(audience.destination, [...known, audience])
    }
  }

  get totals(): LedgerTotals {
    const { receipted, delivered, repeats } = this
    const sent = this.accounts.size
    const late = this.late.size
    return { sent, receipted, unconfirmed: sent - receipted, delivered, repeats, late }
  }

  /** A message was given to a connection. Keys are never used twice. */
  send(key: string, destination: string, producer: string, atMs: number): void {
    const account = { key, destination, producer, sentMs: atMs, receiptMs: undefined, copies: [] }
    this.accounts.set(key, account)
  }

  /** Its receipt came. */
  receipt(key: string, atMs: number): void {
    const account = this.accounts.get(key)!
    account.receiptMs = atMs
    this.receipted += 1
    if (this.waitingFor(account).length > 0) this.late.add(key)
  }

  /** A consumer was given a copy; answers undefined for a message nobody sent there. */
  deliver(key: string, destination: string, copy: Copy): Copy | undefined {
    const account = this.accounts.get(key)
    if (account === undefined || account.destination !== destination) {
      this.strange.push({
        ...{ kind: 'unknown', key, audience: copy.audience },
        text: `${copy.consumer} was given "${key}" from ${destination}, where nobody sent it`
      })
      return undefined
    }
    this.delivered += 1
    if (account.copies.some(({ audience }) => audience === copy.audience)) this.repeats += 1
    if (this.endMs !== undefined) {
      const text = `came again after everything was done with: ${describe(copy)}`
      this.strange.push({ kind: 'revived', key, audience: copy.audience, text })
    }
    account.copies.push(copy)
    return copy
  }

  /** A body is not what was sent. */
  broken(key: string, audience: string, text: string): void {
    this.strange.push({ kind: 'broken', key, audience, text })
  }

  /** A consumer has written an acknowledgement of a copy. */
  acknowledge(key: string, copy: Copy): void {
    copy.isAcknowledged = true
    const account = this.accounts.get(key)!
    if (this.late.has(key) && this.waitingFor(account).length === 0) this.late.delete(key)
  }

  /** From here on nothing more may come. */
  close(atMs: number): void {
    this.endMs = atMs
  }

  /** In the order they were sent in. */
  all(): Account[] {
    return [...this.accounts.values()]
  }

  /** All that went wrong, once everything has had its time. */
  violations(): Violation[] {
    const found = [...this.strange]
    for (const account of this.accounts.values()) {
      for (const { name } of this.audiences.get(account.destination) ?? []) {
        const copies = account.copies.filter(({ audience }) => audience === name)
        found.push(...judge(account, name, copies))
      }
    }
    return found
  }

  private waitingFor({ destination, copies }: Account): readonly Audience[] {
    const audiences = this.audiences.get(destination) ?? []
    return audiences.filter(
      ({ name }) =>
        !copies.some(({ audience, isAcknowledged }) => isAcknowledged && audience === name)
    )
  }
}

function judge(account: Account, audience: string, copies: readonly Copy[]): Violation[] {
  const { key, receiptMs } = account
  const found: Violation[] = []
  if (receiptMs !== undefined && !copies.some(({ isAcknowledged }) => isAcknowledged)) {
    const text = `receipted at ${receiptMs} ms and never consumed; ${describeAll(copies)}`
    found.push({ kind: 'lost', key, audience, text })
  }
  if (copies.filter(({ isFlagged }) => !isFlagged).length > 1) {
    const text = `more than one copy without redelivered:true; ${describeAll(copies)}`
    found.push({ kind: 'unflagged-duplicate', key, audience, text })
  }
  return found
}

function describeAll(copies: readonly Copy[]): string {
  if (copies.length === 0) return 'no copy was ever seen'
  return `copies: ${copies.map(describe).join('; ')}`
}

function describe({ consumer, session, atMs, isFlagged, isAcknowledged }: Copy): string {
  const flag = isFlagged ? ', redelivered' : ''
  const end = isAcknowledged ? ', acknowledged' : ''
  return `${consumer} connection ${session} at ${atMs} ms${flag}${end}`
}
