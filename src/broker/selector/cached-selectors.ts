// Remembers parsed selectors by their text: many consumers come with few different selectors, and
// come back after every reconnect. Texts that do not parse are not remembered.

import { LRUCache } from 'lru-cache'
import { parseSelector, type Selector } from './selector.ts'

/** Texts remembered; the least recently used is forgotten first. */
export const cachedSelectorsMax = 1000

/** Parses selectors through a cache. One per broker. */
export class CachedSelectors {
  private readonly byText = new LRUCache<string, Selector>({ max: cachedSelectorsMax })

  /** Selectors remembered now. */
  get size(): number {
    return this.byText.size
  }

  /**
   * The selector of that text, the same object while it is remembered.
   * @throws PostroadError LOCAL_SELECTOR_INVALID as {@link parseSelector} does
   */
  parse(text: string): Selector {
    let selector = this.byText.get(text)
    if (selector === undefined) {
      selector = parseSelector(text)
      this.byText.set(text, selector)
    }
    return selector
  }
}
