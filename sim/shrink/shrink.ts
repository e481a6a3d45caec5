// Makes a failing plan small: fewer steps, clients, brokers and links, shorter times, plainer
// settings, as long as the same judge complains. Other chances may hide a fault or show it sooner,
// so each smaller plan may fail under another seed. Bounded in tries; it never fails itself.

import type { ScenarioPlan } from '../plan/index.ts'
import { deltaDebug } from './delta-debug.ts'
import { plainer } from './plainer.ts'
import { without, withoutBroker, withoutLink } from './without.ts'

/** A plan that fails, and how. */
export interface Failure {
  readonly plan: ScenarioPlan
  readonly seed: string
  /** First complaint first. */
  readonly complaints: readonly string[]
}

/** How to shrink. */
export interface ShrinkOptions {
  /** Runs a plan, and answers with its complaints. */
  readonly run: (plan: ScenarioPlan, seed: string) => readonly string[]
  /** Most runs; 400 by default. */
  readonly triesMax?: number
  /** Other seeds a smaller plan is tried with, after that of the last failure; two by default. */
  readonly seeds?: readonly string[]
  /** True to stop now, such as when time has run out. */
  readonly isOver?: () => boolean
  /** Told of each smaller plan that fails. */
  readonly onSmaller?: (failure: Failure, tries: number) => void
}

/** The smallest failure found. */
export interface Shrunk extends Failure {
  readonly tries: number
}

const triesMaxDefault = 400
const seedsDefault = ['1', '2']

/** The name of the judge that complained first. */
export function checkerOf(complaints: readonly string[]): string {
  const [first = ''] = complaints
  return first.slice(0, Math.max(0, first.indexOf(':')))
}

/** See the top of this file. */
export function shrink(failure: Failure, options: ShrinkOptions): Shrunk {
  const search = new Search(failure, options)
  for (let before = ''; before !== search.text && !search.isOver; ) {
    before = search.text
    search.dropSteps()
    search.dropOneByOne(({ consumers, producers }) =>
      [...consumers, ...producers].map(
        ({ name }) =>
          (plan: ScenarioPlan) =>
            without(plan, name)
      )
    )
    search.dropOneByOne(({ topology }) =>
      topology.brokers.map((name) => (plan: ScenarioPlan) => withoutBroker(plan, name))
    )
    search.dropOneByOne(({ topology }) =>
      topology.links.map((link) => (plan: ScenarioPlan) => withoutLink(plan, link))
    )
    search.dropOneByOne(plainer)
  }
  return { ...search.smallest, tries: search.tries }
}

/** Something smaller than a plan; undefined if it cannot be made. */
export type Reduction = (plan: ScenarioPlan) => ScenarioPlan | undefined

class Search {
  smallest: Failure
  tries = 0
  private readonly checker: string
  private readonly options: ShrinkOptions

  constructor(failure: Failure, options: ShrinkOptions) {
    this.smallest = failure
    this.checker = checkerOf(failure.complaints)
    this.options = options
  }

  get isOver(): boolean {
    const { triesMax = triesMaxDefault, isOver } = this.options
    return this.tries >= triesMax || (isOver?.() ?? false)
  }

  /** The smallest plan as text, to see whether a round has changed anything. */
  get text(): string {
    return JSON.stringify(this.smallest.plan)
  }

  dropSteps(): void {
    deltaDebug(this.smallest.plan.timeline, (timeline) =>
      this.accepts({ ...this.smallest.plan, timeline })
    )
  }

  /** Tries each reduction of the smallest plan in turn, on what those before have left of it. */
  dropOneByOne(reductions: (plan: ScenarioPlan) => readonly Reduction[]): void {
    for (const reduce of reductions(this.smallest.plan)) {
      const plan = reduce(this.smallest.plan)
      if (plan !== undefined) this.accepts(plan)
    }
  }

  /** True if a smaller plan still fails; it is then the smallest. */
  private accepts(plan: ScenarioPlan): boolean {
    const { seeds = seedsDefault, run, onSmaller } = this.options
    for (const seed of new Set([this.smallest.seed, ...seeds])) {
      if (this.isOver) return false
      this.tries += 1
      const complaints = run(plan, seed)
      if (checkerOf(complaints) !== this.checker) continue
      this.smallest = { plan, seed, complaints }
      onSmaller?.(this.smallest, this.tries)
      return true
    }
    return false
  }
}
