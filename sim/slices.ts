// What takes virtual time, slice by slice: whoever runs it may look at something else between two
// slices, or give up. Pauses change nothing of what happens.

/** Something under way; each step of it lets a slice of time pass. */
export type Slices = Generator<void, void>

/** Runs it through to its end. */
export function runThrough(slices: Slices): void {
  while (slices.next().done !== true);
}
