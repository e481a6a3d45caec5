// The end of a run that somebody called off: no failure. Its report says what was until then.

/** Thrown within a run whose signal was raised. */
export class RunCalledOff extends Error {
  constructor() {
    super('the run was called off')
    this.name = 'RunCalledOff'
  }
}
