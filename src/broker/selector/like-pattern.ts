// LIKE patterns: `%` stands for any run of characters, `_` for exactly one, all else for itself.
// A pattern that is more than a prefix, suffix or infix runs as a bit-parallel automaton: it reads
// each character of the text once and never goes back, so no pattern can make it slow. The work per
// character is one step per 32 characters of the pattern, of which there are likeCharactersMax.

import { assert } from '../../base/index.ts'
import { likeCharactersMax } from './selector-limits.ts'

/** Stands in `codes` for `_`; no code point is negative. */
const anyCharacter = -1

interface LikeElements {
  /** Code points to match in order, or `anyCharacter`. */
  readonly codes: readonly number[]
  /** Counts of codes after which a `%` stands. */
  readonly gaps: ReadonlySet<number>
}

/** What is wrong with a pattern, as the rest of a sentence; undefined if nothing is. */
export function findLikeFault(pattern: string, escapeBy: string | undefined): string | undefined {
  const elements = readElements(pattern, escapeBy)
  if (elements === undefined) {
    return 'a character after the escape character that ends the pattern'
  }
  if (elements.codes.length <= likeCharactersMax) return undefined
  return `a pattern of at most ${likeCharactersMax} characters, found ${elements.codes.length}`
}

/**
 * Compiles a pattern that has no fault into a test of a text.
 * @param escapeBy one character after which the next stands for itself, or undefined
 */
export function compileLike(
  pattern: string,
  escapeBy: string | undefined
): (text: string) => boolean {
  const elements = readElements(pattern, escapeBy)
  assert(elements !== undefined, 'a pattern is checked before it is compiled')
  const { codes, gaps } = elements
  const isPlain =
    !codes.includes(anyCharacter) && [...gaps].every((gap) => gap === 0 || gap === codes.length)
  return isPlain ? compilePlain(elements) : compileAutomaton(elements)
}

function readElements(pattern: string, escapeBy: string | undefined): LikeElements | undefined {
  const codes: number[] = []
  const gaps = new Set<number>()
  let isEscaped = false
  for (const character of pattern) {
    if (isEscaped) {
      codes.push(character.codePointAt(0)!)
      isEscaped = false
    } else if (character === escapeBy) {
      isEscaped = true
    } else if (character === '%') {
      gaps.add(codes.length)
    } else {
      codes.push(character === '_' ? anyCharacter : character.codePointAt(0)!)
    }
  }
  return isEscaped ? undefined : { codes, gaps }
}

/** Patterns with `%` at the ends only, which are nearly all: strings know these tests. */
function compilePlain({ codes, gaps }: LikeElements): (text: string) => boolean {
  const part = codes.map((code) => String.fromCodePoint(code)).join('')
  const isOpenBefore = gaps.has(0)
  const isOpenAfter = gaps.has(codes.length)
  if (isOpenBefore && isOpenAfter) return (text) => text.includes(part)
  if (isOpenBefore) return (text) => text.endsWith(part)
  if (isOpenAfter) return (text) => text.startsWith(part)
  return (text) => text === part
}

/**
 * State bit i means: the first i codes have matched what was read. A character moves every bit
 * whose next code it matches up by one; bits at a `%` also stay. Bit codes.length at the end is a
 * match.
 */
function compileAutomaton({ codes, gaps }: LikeElements): (text: string) => boolean {
  const words = (codes.length >> 5) + 1
  const stays = new Int32Array(words)
  for (const gap of gaps) setBit(stays, gap)
  const { moves, movesOfOthers } = movesByCode(codes, words)
  const state = new Int32Array(words)
  const end = codes.length
  return (text) => {
    state.fill(0)
    state[0] = 1
    for (let at = 0; at < text.length; ) {
      const code = text.codePointAt(at)!
      at += code > 0xffff ? 2 : 1
      if (!advance(state, moves.get(code) ?? movesOfOthers, stays)) return false
    }
    return (state[end >> 5]! & (1 << (end & 31))) !== 0
  }
}

/** Per code point, the bits that it moves up. */
function movesByCode(codes: readonly number[], words: number) {
  const movesOfOthers = new Int32Array(words)
  for (const [index, code] of codes.entries()) {
    if (code === anyCharacter) setBit(movesOfOthers, index)
  }
  const moves = new Map<number, Int32Array>()
  for (const [index, code] of codes.entries()) {
    if (code === anyCharacter) continue
    let bits = moves.get(code)
    if (bits === undefined) {
      bits = movesOfOthers.slice()
      moves.set(code, bits)
    }
    setBit(bits, index)
  }
  return { moves, movesOfOthers }
}

/** Moves the state over one character; false when no bit is left, so nothing can match any more. */
function advance(state: Int32Array, moves: Int32Array, stays: Int32Array): boolean {
  let carry = 0
  let left = 0
  for (let word = 0; word < state.length; word += 1) {
    const bits = state[word]!
    const moved = bits & moves[word]!
    const next = (moved << 1) | carry | (bits & stays[word]!)
    carry = moved >>> 31
    state[word] = next
    left |= next
  }
  return left !== 0
}

function setBit(bits: Int32Array, index: number): void {
  bits[index >> 5]! |= 1 << (index & 31)
}
