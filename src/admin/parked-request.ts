// What may be asked about messages that cannot go on, and about brokers that never return, read
// from a request that is JSON already. The outcome is a request, or a sentence that says what is
// wrong with it.

/** A request for what is parked: for all brokers, or the messages for one. */
export interface ParkedRequest {
  readonly command: 'parked'
  /** The broker whose messages are to be shown; undefined for a list of all brokers. */
  readonly target: string | undefined
  /** Brokers, queues or messages, at most. */
  readonly limit: number
}

/** A request to keep nothing any more for a broker that never returns. */
export interface ForgetRequest {
  readonly command: 'forget'
  readonly name: string
}

const limitMax = 1_000
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/** Reads a request; the answer is a sentence if something is wrong with it. */
export function readParkedRequest(json: Readonly<Record<string, unknown>>): ParkedRequest | string {
  const { target, limit = limitMax } = json
  if (target !== undefined && !isBrokerName(target)) return `target ${noName(target)}`
  const isLimit = typeof limit === 'number' && Number.isInteger(limit)
  if (!isLimit || limit < 1 || limit > limitMax) {
    return `limit ${shown(limit)} must be a whole number from 1 to ${limitMax}`
  }
  return { command: 'parked', target, limit }
}

/** As above. */
export function readForgetRequest(json: Readonly<Record<string, unknown>>): ForgetRequest | string {
  const { name } = json
  if (!isBrokerName(name)) return `name ${noName(name)}`
  return { command: 'forget', name }
}

function isBrokerName(value: unknown): value is string {
  return typeof value === 'string' && namePattern.test(value)
}

function noName(value: unknown): string {
  return `${shown(value)} is no broker's name; write for example "site-7"`
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 100)
}
