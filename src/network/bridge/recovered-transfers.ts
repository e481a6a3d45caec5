// What an earlier life of this broker had sent to one other broker, or was about to: it waits for
// that one to say what it has.

import { mark } from '../../base/index.ts'
import type { Message } from '../../broker/index.ts'
import { type Reception, transferFlags } from '../bridge-protocol/index.ts'
import type { LoggedTransfer, TransferLog } from '../custody/index.ts'

/** A message to be sent again. */
export interface LeftTransfer {
  readonly message: Message
  readonly targets: readonly string[]
  readonly flags: number
}

/** See the top of this file. */
export class RecoveredTransfers {
  private readonly log: TransferLog | undefined
  private transfers: LoggedTransfer[] = []
  private bytes = 0

  constructor(log: TransferLog | undefined) {
    this.log = log
  }

  get length(): number {
    return this.transfers.length
  }

  get sizeBytes(): number {
    return this.bytes
  }

  /** Reads what is in the log. */
  recover(): void {
    this.transfers = this.log?.recover() ?? []
    if (this.transfers.length > 0) mark('channel-recovered')
    for (const { message } of this.transfers) this.bytes += message.sizeBytes
  }

  /**
   * The other end has some of it; answers the rest, which is to be written elsewhere in this turn.
   * Where it cannot tell, or may have died with some of it, what is left says that it may be known.
   */
  resolve(answer: { readonly received: Reception; readonly peerLife: number }): LeftTransfer[] {
    const { received, peerLife } = answer
    const left: LeftTransfer[] = []
    for (const transfer of this.removed()) {
      const { epoch, sequence, message, targets, flags } = transfer
      const isKnown = epoch === received.epoch
      if (isKnown && sequence <= received.highWater) {
        mark('channel-recovered-was-taken')
        continue
      }
      const isSure = isKnown && transfer.peerLife === peerLife
      mark(isSure ? 'channel-recovered-was-not-taken' : 'channel-recovered-in-doubt')
      if (!isSure) message.isRedelivered = true
      left.push({ message, targets, flags: isSure ? flags : flags | transferFlags.maybeDuplicate })
    }
    return left
  }

  /** Takes all of it, of unknown fate; it is to be written elsewhere in this turn. */
  take(): LeftTransfer[] {
    return this.removed().map(({ message, targets, flags }) => ({ message, targets, flags }))
  }

  private removed(): readonly LoggedTransfer[] {
    const { transfers } = this
    this.transfers = []
    this.bytes = 0
    for (const { number } of transfers) this.log!.remove(number)
    return transfers
  }
}
