// Notices that a broker's data is not what it was: an old copy was put in its place, or none. It
// says so in the log, once each; what is to be done about messages is decided elsewhere.

import type { Logger } from '../ports/index.ts'

/** What is known of one broker's life. */
export interface LifeMark {
  readonly broker: string
  readonly brokerId: string
  readonly incarnation: number
}

/** This broker: its life, and the one before as its own data tells. */
export interface OwnLives extends LifeMark {
  /** Undefined if its data was made with this life, or it keeps none. */
  readonly previousIncarnation?: number | undefined
}

/** See the top of this file. */
export class PastLives {
  private readonly logger: Logger
  private readonly own: OwnLives
  private hasWarned = false

  constructor(logger: Logger, own: OwnLives) {
    this.logger = logger
    this.own = own
  }

  /** What others say of this broker: a life after the last one its data knows is a lost one. */
  onHeard(marks: Iterable<LifeMark>): void {
    const { broker, brokerId, incarnation, previousIncarnation } = this.own
    if (previousIncarnation === undefined || this.hasWarned) return
    for (const heard of marks) {
      const isOurs = heard.broker === broker && heard.brokerId === brokerId
      if (!isOurs || heard.incarnation >= incarnation) continue
      if (heard.incarnation <= previousIncarnation) continue
      this.hasWarned = true
      this.logger.warn('data-rolled-back', {
        lastLifeInData: previousIncarnation,
        lastLifeKnown: heard.incarnation,
        consequence:
          'the data directory is an old copy: messages taken since are lost unless another ' +
          'broker holds them, and older ones may be delivered again, flagged redelivered'
      })
      return
    }
  }

  /** Another broker introduces itself under a name that was known with another id. */
  onReplaced(before: LifeMark, now: LifeMark): void {
    this.logger.warn('data-replaced', {
      peer: now.broker,
      brokerIdBefore: before.brokerId,
      brokerId: now.brokerId,
      consequence: 'it runs on new data: what only it held is lost, and is held there no longer'
    })
  }
}
