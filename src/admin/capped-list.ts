// Lists of a report have a bound. This notes which ones were cut, so that the reader of a report is
// told instead of being shown a part as the whole.

/** Makes the lists of one report. */
export class ListCap {
  /** Names of the lists that were cut, each once. */
  readonly cut: string[] = []
  private readonly entriesMax: number
  private readonly used = new Map<string, number>()

  /** @param entriesMax entries that lists of one name may have, all together */
  constructor(entriesMax: number) {
    this.entriesMax = entriesMax
  }

  /** Entries for which lists called `name` have room left. */
  room(name: string): number {
    return this.entriesMax - (this.used.get(name) ?? 0)
  }

  /** The first of `items`, as many as there is room for, turned into entries of the list `name`. */
  take<From, To>(name: string, items: readonly From[], toEntry: (item: From) => To): To[] {
    const room = this.room(name)
    const taken = items.length <= room ? items : items.slice(0, room)
    if (taken.length < items.length) this.noteCut(name)
    this.used.set(name, (this.used.get(name) ?? 0) + taken.length)
    return taken.map(toEntry)
  }

  /** Notes that something was left out of the list `name` before it was made. */
  noteCut(name: string): void {
    if (!this.cut.includes(name)) this.cut.push(name)
  }
}
