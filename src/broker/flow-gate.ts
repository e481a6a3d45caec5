// Back-pressure as a value: whoever publishes into something full is given the gate to wait at, and
// is called when it opens. A gate knows nothing of connections; sessions pause their own.

/** A place producers wait at while something is full. */
export class FlowGate {
  /** What is full, for logs: 'queue://orders'. */
  readonly label: string
  private readonly waiting = new Set<() => void>()

  constructor(label: string) {
    this.label = label
  }

  get waiters(): number {
    return this.waiting.size
  }

  /**
   * Calls `resume` once when the gate opens. The answer takes the waiter away again. The gate may
   * open in the middle of a queue's work: `resume` puts off what it does to the end of the turn.
   */
  wait(resume: () => void): () => void {
    this.waiting.add(resume)
    return () => this.waiting.delete(resume)
  }

  /** Lets everyone through who waits now. */
  open(): void {
    if (this.waiting.size === 0) return
    const resumes = [...this.waiting]
    this.waiting.clear()
    for (const resume of resumes) resume()
  }
}
