// The version of this installation, from its package file.

import { readFileSync } from 'node:fs'

// The compiled files and the bundle both lie three folders below the package's root.
const packageFile = new URL('../../../package.json', import.meta.url)

/** The command's entry, as a file URL; what `up` starts its brokers with. */
export const commandFile = new URL('../../../bin/postroad.js', import.meta.url)

/** The version, such as '0.1.0'. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly version: string }
  return version
}
