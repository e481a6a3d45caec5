// The end of a run that somebody called off: no failure, and no report.

/** Thrown by a run whose signal was raised. */
export class RunCalledOff extends Error {
  constructor() {
    super('the run was called off')
    this.name = 'RunCalledOff'
  }
}
