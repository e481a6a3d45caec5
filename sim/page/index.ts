// The room's door. page/ shows a report, or two, as one HTML file for people.

export type {
  ComparedFigure,
  ComparisonContent,
  PageContent,
  ReportContent
} from './page-content.ts'
export { type PageAssets, renderPage } from './render-page.ts'
