// Lists and maps that the records of many messages have in common: ways through the network, and
// who has custody of a queue's message. A long run has few of them and very many records.
// Invariant: what is handed out is never changed.

/** Key under which the custody of a queue's message is booked. */
export const anyTarget = ''
/** Ways remembered; beyond that they are begun anew, which costs memory and nothing else. */
const waysMax = 10_000

/** The way of a message that has crossed no bridge. */
export const nowhere: readonly string[] = []

/** Hands out one list for all equal ways. */
export class KnownWays {
  private readonly holders = new Map<string, ReadonlyMap<string, string>>()
  private onwards = new Map<readonly string[], Map<string, readonly string[]>>()
  private count = 0

  /** Custody of a queue's message at one broker. */
  heldBy(broker: string): ReadonlyMap<string, string> {
    let held = this.holders.get(broker)
    if (held === undefined) {
      held = new Map([[anyTarget, broker]])
      this.holders.set(broker, held)
    }
    return held
  }

  /** A way and one broker more. */
  onward(way: readonly string[], to: string): readonly string[] {
    const onwards = this.onwards.get(way)
    const known = onwards?.get(to)
    if (known !== undefined) return known
    const longer = [...way, to]
    if (this.count >= waysMax) {
      this.onwards = new Map()
      this.count = 0
    }
    this.count += 1
    if (onwards === undefined || this.count === 1) this.onwards.set(way, new Map([[to, longer]]))
    else onwards.set(to, longer)
    return longer
  }
}
