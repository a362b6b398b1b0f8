/** What a node tells of itself where nothing waits. */
export const CALM = {
  queueDepth: 0,
  pagesPending: 0,
  pagesLate: 0,
  unaccounted: 0,
  skewMs: 0,
  spooled: 0,
  spoolAgeMs: 0,
  held: new Map<string, number>(),
};
