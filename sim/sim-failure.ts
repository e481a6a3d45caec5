// The end of a run that went wrong: what the judges said, first complaint first.

/** Thrown by the world at the first complaint. */
export class SimFailure extends Error {
  readonly complaints: readonly string[]

  constructor(complaints: readonly string[]) {
    super(complaints[0] ?? 'a run failed without a complaint')
    this.name = 'SimFailure'
    this.complaints = [...complaints]
  }
}
