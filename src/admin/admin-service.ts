// Answers management requests that arrive as messages, over any client listener, from this broker
// or through the network from any other. A request goes to the queue `_postroad.admin.<broker>` and
// names a temporary queue in reply-to; the answer is a JSON message sent there. It reads the
// broker's state, and changes nothing but dead letters, and what is kept for a broker that an
// operator gave up, when it is asked to.
// Invariant: at most `requestsMax` requests are held, the rest wait in the queue; a request without
// a usable reply-to is dropped, for there is nobody to tell.

import type { Broker, Consumer, Message, Subscription } from '../broker/index.ts'
import { escapeHeader, reservedPrefix } from '../broker/index.ts'
import type { Network } from '../network/index.ts'
import type { Clock } from '../ports/index.ts'
import { type AdminRequest, readAdminRequest } from './admin-request.ts'
import { DeadLetterService } from './dead-letter-service.ts'
import { explainReport } from './explain-report.ts'
import { forgetBroker } from './forget-broker.ts'
import { parkedList, shownParked } from './parked-report.ts'
import type { ParkedRequest } from './parked-request.ts'
import {
  type StatusReport,
  type StatusSources,
  type StatusWish,
  statusReport
} from './status-report.ts'
import { versionsReport } from './versions-report.ts'

/** What the service reads and answers with. StompServer fits as it is. */
export interface AdminServiceDependencies {
  readonly broker: Broker
  readonly network: Network
  readonly stomp: StatusSources['stomp']
  readonly clock: Clock
}

/** Longest answer; longer lists are cut, and the answer says which. */
export const answerBytesMax = 4 * 1024 * 1024
/** Entries a list starts with before its answer is measured. */
const entriesAtFirst = 8_192
/** Requests taken from the queue and not answered yet. */
const requestsMax = 16
/** Characters of a correlation id that are copied. */
const correlationLengthMax = 1_024
/** '/temp-queue/<broker>.<life>.<number>', as brokers write it in reply-to. */
const replyPattern = /^\/temp-queue\/([A-Za-z0-9][A-Za-z0-9_-]*\.[0-9a-z]+\.\d+)$/

/** The queue that a broker's admin service listens on. */
export function adminQueueName(broker: string): string {
  return `${reservedPrefix}admin.${broker}`
}

/** The admin service of one broker. It serves from its construction on. */
export class AdminService implements Consumer {
  credit = requestsMax
  readonly filter = undefined
  readonly cost = 0
  readonly settlesOnDispatch = true
  private readonly deps: AdminServiceDependencies
  private readonly startedAtMs: number
  private readonly requests: Message[] = []
  private readonly deadLetters: DeadLetterService
  private subscription: Subscription | undefined = undefined

  constructor(deps: AdminServiceDependencies) {
    this.deps = deps
    this.startedAtMs = deps.clock.monotonicMs()
    this.deadLetters = new DeadLetterService(deps.broker)
    this.subscription = deps.broker.subscribe({
      kind: 'queue',
      pattern: adminQueueName(deps.broker.identity.name),
      consumer: this,
      weight: requestsMax
    })
  }

  /**
   * For the queue. Answers wait for the end of the turn: the queue is in the middle of its work.
   */
  deliver(message: Message): void {
    message.compact()
    this.requests.push(message)
    if (this.requests.length === 1) this.deps.clock.endOfTurn(this.answerOne)
  }

  /** A report as of now, for uses inside the process. */
  report(wish: Pick<StatusWish, 'parts' | 'entriesMax'>): StatusReport {
    return statusReport(this.deps, { ...wish, startedAtMs: this.startedAtMs })
  }

  /** One a turn: a report of a large broker takes its time, and messages must not wait for many. */
  private readonly answerOne = (): void => {
    const request = this.requests.shift()
    if (this.requests.length > 0) this.deps.clock.endOfTurn(this.answerOne)
    if (request === undefined) this.renewCredit()
    else this.handle(request)
  }

  private renewCredit(): void {
    this.credit += 1
    if (this.credit === 1) this.subscription?.onCredit()
  }

  private handle(request: Message): void {
    const replyTo = replyPattern.exec(request.header('reply-to') ?? '')
    if (replyTo === null) {
      this.renewCredit()
      return
    }
    const wish = readAdminRequest(request.body.subarray(request.bodyStart, request.bodyEnd))
    this.answerTo(wish, (body) => {
      this.answer(request, replyTo[1]!, body)
      this.renewCredit()
    })
  }

  private answer(request: Message, replyTo: string, body: Buffer): void {
    const { broker } = this.deps
    const answer = broker.newMessage(broker.destinations.get('temp-queue', replyTo))
    const correlation = request.header('correlation-id')?.slice(0, correlationLengthMax)
    const lines = ['content-type:application/json\n']
    if (correlation !== undefined) lines.push(`correlation-id:${escapeHeader(correlation)}\n`)
    answer.headers = Buffer.from(lines.join(''))
    answer.headersEnd = answer.headers.length
    answer.hasEscapes = answer.headers.includes(0x5c)
    answer.body = body
    answer.bodyEnd = body.length
    // A broker without room must be able to say so.
    broker.publish(answer, true)
  }

  private answerTo(wish: AdminRequest, done: (body: Buffer) => void): void {
    if (wish.command === 'invalid') done(asJson({ error: wish.error }))
    else if (wish.command === 'status') done(this.reportBody(wish))
    else if (wish.command === 'explain') {
      const { broker, network } = this.deps
      done(withinBounds((entriesMax) => explainReport(broker, network, { ...wish, entriesMax })))
    } else if (wish.command === 'versions') done(asJson(versionsReport(this.deps.network)))
    else if (wish.command === 'parked') done(asJson(this.parked(wish)))
    else if (wish.command === 'forget') {
      forgetBroker(this.deps, wish.name, (answer) => done(asJson(answer)))
    } else this.deadLetters.answer(wish, (answer) => done(asJson(answer)))
  }

  private parked({ target, limit }: ParkedRequest): object {
    if (target === undefined) return parkedList(this.deps, limit)
    return shownParked(this.deps, target, limit)
  }

  private reportBody(wish: Pick<StatusWish, 'parts'>): Buffer {
    return withinBounds((entriesMax) => this.report({ parts: wish.parts, entriesMax }))
  }
}

/** Makes an answer with shorter and shorter lists until it is no longer than an answer may be. */
function withinBounds(make: (entriesMax: number) => object): Buffer {
  for (let entriesMax = entriesAtFirst; ; entriesMax = Math.floor(entriesMax / 2)) {
    const body = asJson(make(entriesMax))
    if (body.length <= answerBytesMax || entriesMax === 0) return body
  }
}

function asJson(answer: object): Buffer {
  return Buffer.from(JSON.stringify(answer))
}
