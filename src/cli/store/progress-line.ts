// How far a command has come, as one line of a terminal that is written anew; nothing elsewhere.

import { countText } from '../quantity-text.ts'

const shownEveryMs = 200

/** See the top of this file. */
export class ProgressLine {
  private readonly what: string
  private readonly total: number
  private shownAtMs = 0
  private isShown = false

  /** @param what such as 'verified'; counts messages of `total` */
  constructor(what: string, total: number) {
    this.what = what
    this.total = total
  }

  show(count: number): void {
    const { stderr } = process
    if (stderr.isTTY !== true) return
    const nowMs = performance.now()
    if (nowMs - this.shownAtMs < shownEveryMs) return
    this.shownAtMs = nowMs
    this.isShown = true
    const percent = this.total === 0 ? 100 : Math.floor((count / this.total) * 100)
    const counts = `${countText(count)} of ${countText(this.total)} messages`
    stderr.write(`\r\u001b[K${this.what} ${counts}, ${Math.min(percent, 100)} %`)
  }

  end(): void {
    if (this.isShown) process.stderr.write('\r\u001b[K')
  }
}
