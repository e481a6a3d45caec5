// Numbers of selectors: how text is read as one, and how one is written back. A number is a double,
// unless it is a whole number that no double holds exactly; then it is a bigint, so that 64-bit ids
// compare exactly. A value has one form only, so two numbers are equal exactly when `===` says so.

/** A number in its one form: bigint only for what a double cannot hold. */
export type Numeric = number | bigint

/** Whole numbers written longer than this are read as doubles: none of 64 bits is longer. */
const exactCharactersMax = 20

// Each alternative starts with what the others cannot, so matching never backtracks.
const writtenNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const writtenInteger = /^[+-]?\d+$/

/**
 * Reads a property's text as a number: decimal, with optional sign, point and exponent, and nothing
 * around it. Undefined for anything else, and for what is too large for a double.
 */
export function readNumeric(text: string): Numeric | undefined {
  if (!writtenNumber.test(text)) return undefined
  if (text.length > 15 && text.length <= exactCharactersMax && writtenInteger.test(text)) {
    return exactInteger(text)
  }
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** The number that `digits` (with an optional sign) spells, exactly. */
export function exactInteger(digits: string): Numeric {
  const value = Number(digits)
  if (Number.isSafeInteger(value)) return value
  const exact = BigInt(digits)
  return BigInt(value) === exact ? value : exact
}

/** Writes a number so that a selector reads the same number back. */
export function writeNumeric(value: Numeric): string {
  if (typeof value === 'bigint' || !Number.isInteger(value)) return String(value)
  // String(2 ** 60) rounds its last digits, which a selector would read as another whole number.
  // Beyond 64 bits a selector takes a whole number only with an exponent.
  return Math.abs(value) <= 2 ** 63 ? BigInt(value).toString() : value.toExponential()
}
