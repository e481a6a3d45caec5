// What every chart is drawn with: colours for light and dark, the room there is, and the look of
// text and tooltips. Charts are plain options for echarts; nothing here touches a page.

import type { ReportContent } from '../page-content.ts'

/** Colours of one scheme. */
export interface Palette {
  readonly ink: string
  readonly muted: string
  readonly line: string
  readonly card: string
  readonly accent: string
  readonly second: string
  readonly fault: string
  readonly faultShade: string
  readonly selected: string
  /** Of series beside each other. */
  readonly series: readonly string[]
  /** From nothing to most. */
  readonly heat: readonly string[]
}

const light: Palette = {
  ink: '#1b2430',
  muted: '#566273',
  line: '#dbe1e8',
  card: '#ffffff',
  accent: '#1f63b5',
  second: '#b8540a',
  fault: '#b3261e',
  faultShade: 'rgba(179, 38, 30, 0.09)',
  selected: 'rgba(31, 99, 181, 0.10)',
  series: [
    '#1f63b5',
    '#d9822b',
    '#2a8f6b',
    '#8a5cc2',
    '#c94f6d',
    '#3b9bb3',
    '#9a8324',
    '#5b6b7f',
    '#aab4c0'
  ],
  heat: ['#cfd8e3', '#f0cf7a', '#e2933c', '#b8451f']
}

const dark: Palette = {
  ink: '#e4e9f0',
  muted: '#9aa7b8',
  line: '#303a48',
  card: '#18202b',
  accent: '#6aa9f4',
  second: '#f0a35c',
  fault: '#ff8a80',
  faultShade: 'rgba(255, 138, 128, 0.13)',
  selected: 'rgba(106, 169, 244, 0.16)',
  series: [
    '#6aa9f4',
    '#f0a35c',
    '#57c79b',
    '#b895e8',
    '#ef8ba5',
    '#6cc8de',
    '#d2bb5a',
    '#8c9bb0',
    '#5a6778'
  ],
  heat: ['#4a586b', '#d7b45a', '#ea9a48', '#ff7a50']
}

/** The colours for a light or a dark page. */
export function paletteOf(isDark: boolean): Palette {
  return isDark ? dark : light
}

/** What a chart is drawn on. */
export interface Drawing {
  readonly palette: Palette
  readonly widthPx: number
  readonly heightPx: number
}

/** One run of a chart; its label is empty where there is one run only. */
export interface Run {
  readonly label: '' | 'A' | 'B'
  readonly report: ReportContent['report']
}

/** True where labels have to be short, as on a phone. */
export function isNarrow({ widthPx }: Drawing): boolean {
  return widthPx < 560
}

/** What all charts have in common. */
export function chartBase({ palette }: Drawing) {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: 'system-ui, sans-serif', fontSize: 12, color: palette.ink },
    tooltip: {
      confine: true,
      transitionDuration: 0,
      backgroundColor: palette.card,
      borderColor: palette.line,
      padding: [6, 10] as [number, number],
      textStyle: { color: palette.ink, fontSize: 12 },
      extraCssText: 'max-width: 22rem; white-space: normal; overflow-wrap: anywhere;'
    }
  } as const
}

/** A legend above a chart that scrolls rather than covers it. */
export function legendBase({ palette }: Drawing) {
  return {
    type: 'scroll',
    top: 0,
    left: 8,
    right: 8,
    itemWidth: 18,
    itemHeight: 9,
    itemGap: 14,
    textStyle: { color: palette.ink, width: 160, overflow: 'truncate' },
    pageTextStyle: { color: palette.muted },
    pageIconColor: palette.accent,
    pageIconInactiveColor: palette.line
  } as const
}
