// The script of the report page, as the build left it: two folders up from here in dist/, and from
// the bundled command line as well.

import { readFileSync } from 'node:fs'

const scriptUrl = new URL('../../page/report-page.js', import.meta.url)

/**
 * The text of the script, for `renderPage`.
 * @throws Error if the project is not built
 */
export function readPageScript(): string {
  try {
    return readFileSync(scriptUrl, 'utf8')
  } catch (cause) {
    const fix = 'build the project: npm run build'
    throw new Error(`the script of the report page is missing (${scriptUrl.pathname}); ${fix}`, {
      cause
    })
  }
}
