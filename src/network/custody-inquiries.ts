// Asks brokers whose bridge was lost what they took before, by whatever other way there is, so that
// messages in doubt go on at once and without doubt. The answer may get lost: it is asked again as
// long as there is a doubt. Between brokers that reach each other over others, questions and
// answers are handed on along the routes.

import { mark } from '../base/index.ts'
import type { Cancel, Clock } from '../ports/index.ts'
import type { Bridges } from './bridge/index.ts'
import type { Answer, Inquiry } from './bridge-protocol/index.ts'
import type { Routes } from './map/index.ts'

/** Asked again after this. */
const askMs = 500
/** No filter of a network connector holds for what brokers say to each other. */
const anything = { kind: 'temp-queue', name: '' } as const

/** What it needs of the network. */
export interface CustodyInquiriesDeps {
  readonly clock: Clock
  readonly routes: Routes
  readonly bridges: () => Bridges
  readonly self: { readonly broker: string; readonly incarnation: number }
  readonly hopsMax: number
}

/** See the top of this file. */
export class CustodyInquiries {
  private readonly deps: CustodyInquiriesDeps
  private cancel: Cancel | undefined = undefined
  private isStopped = false

  constructor(deps: CustodyInquiriesDeps) {
    this.deps = deps
  }

  /** Asks about all that is in doubt, now and then until nothing is. */
  ask(): void {
    const { clock, bridges, self, hopsMax: hopsLeft } = this.deps
    this.cancel?.()
    this.cancel = undefined
    if (this.isStopped) return
    let isInDoubt = false
    for (const question of bridges().questions()) {
      isInDoubt = true
      const from = { from: self.broker, fromIncarnation: self.incarnation }
      this.send({ ...question, ...from, hopsLeft }, 'INQUIRY')
    }
    if (isInDoubt) this.cancel = clock.schedule(askMs, () => this.ask())
  }

  stop(): void {
    this.isStopped = true
    this.cancel?.()
  }

  onInquiry(inquiry: Inquiry): void {
    const { self, bridges, hopsMax: hopsLeft } = this.deps
    if (inquiry.to !== self.broker) {
      this.handOn(inquiry, 'INQUIRY')
      return
    }
    bridges().answer(inquiry, (facts) => {
      mark('inquiry-answered')
      const { from: to, fromIncarnation: toIncarnation, generation } = inquiry
      const from = { from: self.broker, fromIncarnation: self.incarnation }
      this.send({ ...facts, to, toIncarnation, ...from, generation, hopsLeft }, 'ANSWER')
    })
  }

  onAnswer(answer: Answer): void {
    const { self, bridges } = this.deps
    if (answer.to !== self.broker) this.handOn(answer, 'ANSWER')
    else if (answer.toIncarnation === self.incarnation) bridges().resolve(answer)
  }

  private handOn(routed: Inquiry | Answer, kind: 'INQUIRY' | 'ANSWER'): void {
    if (routed.hopsLeft > 1) this.send({ ...routed, hopsLeft: routed.hopsLeft - 1 }, kind)
    else mark('inquiry-hop-limit')
  }

  private send(routed: Inquiry | Answer, kind: 'INQUIRY' | 'ANSWER'): void {
    const { routes, bridges } = this.deps
    const nextHop = routes.for(anything).nextHop(routed.to)
    if (nextHop === undefined) return
    const bridge = bridges().get(nextHop)
    if (kind === 'ANSWER') bridge?.sendAnswer(routed as Answer)
    else bridge?.sendInquiry(routed)
  }
}
