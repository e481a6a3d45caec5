// All measurements of one benchmark run, and the two questions asked of them: the spread of a
// figure over the rounds, and the ratio of two figures within rounds. Invariant: failed runs yield
// no figure.

import type { FigureName } from './scenarios/figure.ts'
import type { RunOutcome } from './scenarios/scenario.ts'
import { type Spread, spread } from './statistics.ts'
import type { TargetName } from './targets/target.ts'

/** One run of one scenario on one target. */
export interface Measurement extends RunOutcome {
  readonly scenario: string
  readonly target: TargetName
  /** From 1. */
  readonly round: number
}

/** Names one figure of one scenario on one target. */
export interface FigureOf {
  readonly scenario: string
  readonly target: TargetName
  readonly figure: FigureName
}

/** Measurements gathered so far, in the order they were made. */
export class Measurements {
  private readonly list: Measurement[] = []

  add(measurement: Measurement): void {
    this.list.push(measurement)
  }

  all(): readonly Measurement[] {
    return this.list
  }

  /** The runs of one scenario on one target. */
  of(scenario: string, target: TargetName): readonly Measurement[] {
    return this.list.filter((each) => each.scenario === scenario && each.target === target)
  }

  /** Spread over the rounds that counted; undefined when none did. */
  spreadOf(figure: FigureOf): Spread | undefined {
    const values = [...this.byRound(figure).values()]
    return values.length === 0 ? undefined : spread(values)
  }

  /**
   * Spread of dividend / divisor over the rounds in which both counted: runs of one round are
   * neighbours in time, so a drift of the machine touches both.
   */
  ratioOf(dividend: FigureOf, divisor: FigureOf): Spread | undefined {
    const below = this.byRound(divisor)
    const ratios: number[] = []
    for (const [round, value] of this.byRound(dividend)) {
      const divisorValue = below.get(round)
      if (divisorValue !== undefined && divisorValue > 0) ratios.push(value / divisorValue)
    }
    return ratios.length === 0 ? undefined : spread(ratios)
  }

  private byRound({ scenario, target, figure }: FigureOf): Map<number, number> {
    const values = new Map<number, number>()
    for (const measurement of this.of(scenario, target)) {
      const value = measurement.figures.get(figure)
      if (measurement.fault === undefined && value !== undefined) {
        values.set(measurement.round, value)
      }
    }
    return values
  }
}
