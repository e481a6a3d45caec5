// Watches the numbers of messages as they arrive and tells loss, duplicates and reordering apart.
// It never sees the messages. Invariant: for each stream, every number below `next` was received
// exactly once unless it is in `missing` (not yet received) or was counted as a duplicate.

/** What was seen so far. */
export interface SequenceCounts {
  readonly received: number
  readonly duplicates: number
  /** Messages that arrived after a later one of their stream. */
  readonly reordered: number
  /** Numbers skipped at the time, whether or not they came later. */
  readonly gaps: number
}

/** The most missing numbers followed one by one; beyond it they count as lost for good. */
const missingMax = 100_000

/** Follows the streams 0 … streams-1, each numbered from 0. */
export class SequenceCheck {
  private readonly next: Float64Array
  private readonly missing: Array<Set<number> | undefined>
  private missingCount = 0
  private lostUnfollowed = 0
  private received = 0
  private duplicates = 0
  private reordered = 0
  private gaps = 0

  constructor(streams: number) {
    this.next = new Float64Array(streams)
    this.missing = new Array<Set<number> | undefined>(streams).fill(undefined)
  }

  /**
   * Notes one message.
   * @throws Error for a stream that does not exist: the message is not of this run
   */
  note(stream: number, sequence: number): void {
    const expected = this.next[stream]
    if (expected === undefined) throw new Error(`message of unknown stream ${stream}`)
    this.received++
    if (sequence === expected) {
      this.next[stream] = expected + 1
    } else if (sequence > expected) {
      this.skip(stream, expected, sequence)
    } else {
      this.late(stream, sequence)
    }
  }

  counts(): SequenceCounts {
    const { received, duplicates, reordered, gaps } = this
    return { received, duplicates, reordered, gaps }
  }

  /** Messages never received, when `sent[stream]` were sent. */
  lost(sent: readonly number[]): number {
    let lost = this.missingCount + this.lostUnfollowed
    sent.forEach((count, stream) => {
      lost += Math.max(0, count - (this.next[stream] ?? 0))
    })
    return lost
  }

  private skip(stream: number, expected: number, sequence: number): void {
    const count = sequence - expected
    this.gaps += count
    this.next[stream] = sequence + 1
    const followed = Math.min(count, missingMax - this.missingCount)
    this.lostUnfollowed += count - followed
    if (followed === 0) return
    const missing = this.missing[stream] ?? new Set<number>()
    this.missing[stream] = missing
    for (let i = 0; i < followed; i++) missing.add(expected + i)
    this.missingCount += followed
  }

  private late(stream: number, sequence: number): void {
    if (this.missing[stream]?.delete(sequence) === true) {
      this.missingCount--
      this.reordered++
    } else {
      this.duplicates++
    }
  }
}
