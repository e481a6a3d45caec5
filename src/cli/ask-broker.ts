// Asks the admin service of a broker, the one connected to or any other of its network.

import { adminQueueName, type StatusPart, type StatusReport } from '../admin/index.ts'
import { messageOf, PostroadError } from '../base/index.ts'
import type { ReplyMailbox } from '../client/index.ts'

/** What to ask, and whom. */
export interface StatusQuestion {
  readonly broker: string
  /** The lists wanted; all of them if left out. */
  readonly parts?: readonly StatusPart[]
  readonly timeoutMs: number
}

/** Told the report, or why there is none. */
export type StatusHandler = (result: StatusReport | PostroadError) => void

/** Asks for a report; `onStatus` is called once, later. */
export function askStatus(
  mailbox: ReplyMailbox,
  question: StatusQuestion,
  onStatus: StatusHandler
): void {
  const { broker, parts, timeoutMs } = question
  ask(mailbox, { broker, timeoutMs, request: { command: 'status', parts } }, onStatus)
}

/** A request to the admin service, and to whose. */
export interface BrokerQuestion {
  readonly broker: string
  readonly request: object
  readonly timeoutMs: number
}

/**
 * Asks once; the promise is kept with the answer.
 * @throws PostroadError what the broker refuses, or that it does not answer
 */
export function askBroker<Answer extends object>(
  mailbox: ReplyMailbox,
  question: BrokerQuestion
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    ask<Answer>(mailbox, question, (result) => {
      if (result instanceof PostroadError) reject(result)
      else resolve(result)
    })
  })
}

function ask<Answer extends object>(
  mailbox: ReplyMailbox,
  { broker, request, timeoutMs }: BrokerQuestion,
  onAnswer: (result: Answer | PostroadError) => void
): void {
  const destination = `/queue/${adminQueueName(broker)}`
  mailbox.request(destination, JSON.stringify(request), timeoutMs, (answer) => {
    onAnswer(answer instanceof PostroadError ? unanswered(broker, answer) : read(broker, answer))
  })
}

function unanswered(broker: string, error: PostroadError): PostroadError {
  if (error.code !== 'LOCAL_TIMEOUT') return error
  const text = `broker "${broker}" does not answer: is that its name, and is it in reach?`
  return new PostroadError('LOCAL_TIMEOUT', text, { broker }, error)
}

function read<Answer extends object>(broker: string, answer: Buffer): Answer | PostroadError {
  try {
    const json = JSON.parse(answer.toString('utf8')) as Answer | { readonly error: string }
    if (!('error' in json)) return json
    return new PostroadError('REMOTE_REFUSED', `broker "${broker}" says: ${json.error}`)
  } catch (error) {
    const text = `broker "${broker}" answered what cannot be read: ${messageOf(error)}`
    return new PostroadError('REMOTE_FRAME_MALFORMED', text, { broker }, error)
  }
}
