// Bodies that say what they are and can be checked to their last byte: the key, how many bytes
// follow, and those.

/** A body with so many bytes behind its key. */
export function bodyOf(key: string, bytes: number): string {
  return `${key} ${bytes} ${fillerOf(key, bytes)}`
}

/** What a body says it is, and what is wrong with it, if anything. */
export function readBody(body: Buffer): { readonly key: string; readonly fault?: string } {
  const text = body.toString('latin1')
  const [key = '', length = ''] = text.split(' ', 2)
  const isWhole = text === bodyOf(key, Number(length))
  if (isWhole) return { key }
  return { key, fault: `a body of ${body.length} bytes is not the one that was sent` }
}

function fillerOf(key: string, bytes: number): string {
  return key.repeat(Math.ceil(bytes / key.length)).slice(0, bytes)
}
