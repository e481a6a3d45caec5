// Which transaction a producer's message is in, and whether that one is committed: told from its
// number alone, so that producers, the ledger and judges agree without a word.

import type { ProducerPlan } from '../plan/index.ts'

/** Every so many-th transaction is aborted. */
const abortedEvery = 3

/** A producer's transaction. */
export interface SimTransaction {
  /** From 0. */
  readonly index: number
  /** Numbers of its first and last message. */
  readonly first: number
  readonly last: number
}

/** The transaction of message `number`; undefined for a producer that uses none. */
export function transactionOf(plan: ProducerPlan, number: number): SimTransaction | undefined {
  const { transactionSize, messagesMax = Number.POSITIVE_INFINITY } = plan
  if (transactionSize === undefined) return undefined
  const index = Math.floor((number - 1) / transactionSize)
  const first = index * transactionSize + 1
  return { index, first, last: Math.min(messagesMax, first + transactionSize - 1) }
}

/** What its producer does with a transaction in the end. */
export function fateOf({ index }: SimTransaction): 'committed' | 'aborted' {
  return index % abortedEvery === abortedEvery - 1 ? 'aborted' : 'committed'
}

/** Number of the first message after the transaction of message `number`. */
export function nextTransactionFirst(plan: ProducerPlan, number: number): number {
  return (transactionOf(plan, number)?.last ?? number) + 1
}
