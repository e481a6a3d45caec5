// Delta debugging: from a list with which something fails, leaves out as many items as it can while
// it still fails, large pieces first.

/**
 * The items that are left when none can be left out any more, or `fails` says nothing any more.
 * @param fails true if it still fails with these items only; they keep their order
 */
export function deltaDebug<T>(
  items: readonly T[],
  fails: (fewer: readonly T[]) => boolean
): readonly T[] {
  let left = items
  let size = Math.ceil(left.length / 2)
  while (left.length > 0) {
    let isFewer = false
    for (let at = 0; at < left.length; ) {
      const fewer = [...left.slice(0, at), ...left.slice(at + size)]
      if (fails(fewer)) {
        left = fewer
        isFewer = true
      } else at += size
    }
    if (size === 1 && !isFewer) break
    if (size > 1) size = Math.ceil(size / 2)
  }
  return left
}
