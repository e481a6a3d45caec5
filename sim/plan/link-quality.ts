// How good a link is, as people describe one.

import type { SimPathQuality } from '../fakes/index.ts'

/** What a link is like, both ways. */
export interface LinkQuality extends SimPathQuality {
  /**
   * How often its connections are reset, on average. A stream loses nothing: what loss comes to, in
   * the end, are connections that have to be made again.
   */
  readonly resetsPerMinute: number
}
