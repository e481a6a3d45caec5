// Interns message origins, so that a broker holds one object per origin however many bridges bring
// its messages: encoders then find its alias by identity. Bounded: the oldest make room.

import { type MessageOrigin, messageOrigin } from '../../broker/index.ts'

/** Origins kept interned; a forgotten one is made anew and only costs another alias. */
const internedMax = 65_536

/** The origins seen by one broker. */
export class OriginTable {
  private readonly byKey = new Map<string, MessageOrigin>()
  private readonly internedMax: number

  /** @param most origins kept, lower than the default only in tests */
  constructor(most = internedMax) {
    this.internedMax = most
  }

  /** The origin for one life of a broker. */
  get(broker: string, incarnation: number): MessageOrigin {
    const key = keyOf(broker, incarnation)
    const known = this.byKey.get(key)
    if (known !== undefined) return known
    const origin = messageOrigin(broker, incarnation)
    this.keep(key, origin)
    return origin
  }

  private keep(key: string, origin: MessageOrigin): void {
    const { byKey } = this
    if (byKey.size >= this.internedMax) {
      for (const oldest of byKey.keys()) {
        byKey.delete(oldest)
        break
      }
    }
    byKey.set(key, origin)
  }
}

function keyOf(broker: string, incarnation: number): string {
  return `${incarnation} ${broker}`
}
