// What a conformance suite needs of the world its subject lives in, real or simulated: a way to let
// time pass. The same sentences are then proved on both.

import type { ExecutionContext, TestFn } from 'ava'

/** Lets time pass. */
export interface World {
  /** Lets it pass until a condition holds; rejects, naming `what`, if it never does. */
  run(what: string, until: () => boolean): Promise<void>
  /** Lets enough pass for everything under way on a quick connection to arrive. */
  idle(): Promise<void>
  /** Gives back what the world holds. */
  dispose(): Promise<void>
}

/** Registers one test of a suite. */
export type SuiteTest<W extends World> = (
  title: string,
  body: (t: ExecutionContext, world: W) => Promise<void>
) => void

/** Makes each test of a suite run in a world of its own, which is given back whatever happens. */
export function suiteTest<W extends World>(
  test: TestFn,
  name: string,
  factory: () => W | Promise<W>
): SuiteTest<W> {
  return (title, body) => {
    test(`${name}: ${title}`, async (t) => {
      const world = await factory()
      t.teardown(() => world.dispose())
      await body(t, world)
    })
  }
}
