// Chance as a port: identities, jitter, tie-breaking.

/** A source of random numbers. */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number
  /** Uniform over the unsigned 32-bit integers. */
  u32(): number
}

/** `digits` random lower-case hexadecimal digits. */
export function randomHex(random: Random, digits: number): string {
  let text = ''
  while (text.length < digits) text += random.u32().toString(16).padStart(8, '0')
  return text.slice(0, digits)
}

/** `value` spread uniformly over [value × (1 − share), value × (1 + share)). */
export function jittered(random: Random, value: number, share: number): number {
  return value * (1 - share + 2 * share * random.float())
}
