// What a copy of a broker's disk would bring back: which messages of the workload are on it, and
// which durable subscriptions stood when it was made. What is not on it is lost when it takes the
// place of the newer data.

import { DestinationTable, readStoredMessage } from '../src/broker/index.ts'
import { isTransferLog, readTransfer } from '../src/network/index.ts'
import type { Clock } from '../src/ports/index.ts'
import type { StoreImage } from '../src/store/index.ts'
import type { DiskContent } from './sim-disk.ts'
import type { KeptByCopy, Ledger, MessageRecord } from './workload/ledger.ts'

/** Times are of no interest here. */
const noClock: Clock = {
  monotonicMs: () => 0,
  wallMs: () => 0,
  schedule: () => () => {},
  endOfTurn: () => {}
}
const everything = { countMax: Number.POSITIVE_INFINITY, bytesMax: Number.POSITIVE_INFINITY }

/** Looks through a copy that was made just now. */
export function keptByCopy({ image }: DiskContent, broker: string, ledger: Ledger): KeptByCopy {
  const messages = new Set(image === undefined ? [] : messagesOn(image, ledger))
  return { messages, durables: new Set(ledger.durablesAt(broker)) }
}

function* messagesOn(image: StoreImage, ledger: Ledger): Generator<MessageRecord> {
  const destinations = new DestinationTable()
  for (const queue of image.queues()) {
    const isLog = isTransferLog(queue)
    for (const { bytes } of image.read(queue, Number.NEGATIVE_INFINITY, everything)) {
      const message = isLog
        ? readTransfer(bytes, destinations, noClock).message
        : readStoredMessage(bytes, destinations, noClock)
      // What is not persistent the next life throws away.
      if (!message.isPersistent) continue
      const record = ledger.find(message.body, message.bodyStart, message.bodyEnd)
      if (record !== undefined) yield record
    }
  }
}
