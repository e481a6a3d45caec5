// How long what is parked for one broker has waited. No message says when it came; what is noted is
// where the queue was at some moments, a bounded number of them, and kept in the store so that a
// later life knows, too. Good to one sweep for what came lately, and coarser for what came long
// ago.

/** Moments kept; when there are more, every second one is given up. */
const momentsMax = 120

type Moment = readonly [sequence: number, wallMs: number]

/** See the top of this file. */
export class WaitingTimes {
  private moments: Moment[] = []
  private isChanged = false

  /** Begins with what an earlier life noted, or with a first moment if that left nothing. */
  recover(kept: string | undefined, lastSequence: number, wallMs: number): void {
    if (kept !== undefined) this.moments = JSON.parse(kept) as Moment[]
    this.note(lastSequence, wallMs)
  }

  /** The first, unless there are others; those after it are noted from time to time. */
  noteFirst(sequence: number, wallMs: number): void {
    if (this.moments.length === 0) this.note(sequence, wallMs)
  }

  /** Everything up to a sequence is here by now. */
  note(lastSequence: number, wallMs: number): void {
    const last = this.moments.at(-1)
    if (last !== undefined && last[0] >= lastSequence) return
    this.moments.push([lastSequence, wallMs])
    this.isChanged = true
    if (this.moments.length <= momentsMax) return
    const newest = this.moments.length - 1
    this.moments = this.moments.filter((_, at) => at % 2 === 0 || at === newest)
  }

  /** What came before a sequence waits no more. */
  forgetBefore(sequence: number): void {
    const left = this.moments.findIndex(([noted]) => noted >= sequence)
    if (left <= 0) return
    this.moments.splice(0, left)
    this.isChanged = true
  }

  /** The last sequence that is known to have come by a wall time; undefined for none. */
  cameBy(wallMs: number): number | undefined {
    return this.moments.findLast(([, notedMs]) => notedMs <= wallMs)?.[0]
  }

  /** Wall time by which the oldest had come. */
  get oldestMs(): number | undefined {
    return this.moments[0]?.[1]
  }

  /** Nothing waits any more. */
  clear(): void {
    this.isChanged = this.isChanged || this.moments.length > 0
    this.moments = []
  }

  /**
   * Wall time by which the message of a sequence had come; undefined for one that came just now.
   */
  cameMs(sequence: number): number | undefined {
    return this.moments.find(([noted]) => noted >= sequence)?.[1]
  }

  /**
   * Hands over what is to be kept, undefined for nothing, if that has changed since the last time.
   */
  save(keep: (moments: string | undefined) => void): void {
    if (!this.isChanged) return
    this.isChanged = false
    keep(this.moments.length === 0 ? undefined : JSON.stringify(this.moments))
  }
}
