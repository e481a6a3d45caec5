// The bounds of a selector. A selector comes from a client and is kept as long as its subscription,
// so each bound caps what one client can cost in memory, in stack and per message.

/** Longest selector text in bytes of UTF-8. */
export const selectorBytesMax = 8192

/**
 * Deepest nesting of parentheses, NOT and signs. It also bounds the stack of parser and evaluator.
 */
export const selectorDepthMax = 100

/** Most values in one IN list. */
export const selectorListMax = 1000

/**
 * Longest LIKE pattern in characters, escapes not counted. It bounds the work per character read.
 */
export const likeCharactersMax = 1000
