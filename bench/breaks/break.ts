// A deliberate break of the product: an edit of one file that a careless change might make, and
// that users would notice. It is there to show that the seeds catch it.

/** A piece of a file and what stands there in its place. */
export interface Edit {
  /** Stands exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** See the top of this file. */
export interface Break {
  /** Letters, digits and '-'. */
  readonly name: string
  /** What users would notice, in one line. */
  readonly harm: string
  /** From the top of the project, as 'src/broker/queue.ts'. */
  readonly file: string
  readonly edits: readonly Edit[]
}

/**
 * The text of a file with the break in it.
 * @throws Error if a piece does not stand exactly once in the text
 */
export function breakText(text: string, { name, file, edits }: Break): string {
  let broken = text
  for (const { find, replace } of edits) {
    const times = broken.split(find).length - 1
    if (times !== 1) {
      const piece = JSON.stringify(find.length > 60 ? `${find.slice(0, 60)}…` : find)
      throw new Error(`${name}: ${file} has ${piece} ${times} times, not once; mend its entry`)
    }
    broken = broken.replace(find, () => replace)
  }
  return broken
}
