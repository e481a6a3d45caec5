// Interns message origins, so that a broker holds one object per origin however many bridges bring
// its messages: encoders then find its alias by identity.

import { LRUCache } from 'lru-cache'
import { type MessageOrigin, messageOrigin } from '../../broker/index.ts'

/** Origins kept interned; a forgotten one is made anew and only costs another alias. */
const internedMax = 65_536

/** The origins seen by one broker. */
export class OriginTable {
  private readonly byKey = new LRUCache<string, MessageOrigin>({ max: internedMax })

  /** The origin for one life of a broker. */
  get(broker: string, incarnation: number): MessageOrigin {
    const key = `${incarnation} ${broker}`
    let origin = this.byKey.get(key)
    if (origin === undefined) {
      origin = messageOrigin(broker, incarnation)
      this.byKey.set(key, origin)
    }
    return origin
  }

  /** Interns an origin made elsewhere, such as the broker's own. */
  add(origin: MessageOrigin): void {
    this.byKey.set(`${origin.incarnation} ${origin.broker}`, origin)
  }
}
