// The door of the selector folder: message selectors, the SQL-92 conditions of Jakarta Messaging
// 3.1 section 3.8 by which a consumer says which messages it wants. docs/reference/selectors.md is
// the page for users.

export { CachedSelectors, cachedSelectorsMax } from './cached-selectors.ts'
export type { PropertySource } from './compile-condition.ts'
export { parseSelector, Selector } from './selector.ts'
export {
  likeCharactersMax,
  selectorBytesMax,
  selectorDepthMax,
  selectorListMax
} from './selector-limits.ts'
