/** What the worker leaves alone and what it keeps, by path. */

const SERVER_PAGES = /^\/(a|signin|sign-in|docs|demo|v1|v2|api|metrics|healthz|readyz)(\/|$)/;
/** Incidents, runs, runbooks, people, services and who is on call: what somebody needs to go on by telephone. */
const WORTH_KEEPING =
  /^\/v1\/(me|overview|directory|incidents|runs|runbooks|alerts|schedules|oncall|on-call|notifications|action-items|config\/(services|escalations))(\/|$)/;
/** What is about somebody's ways in is shown only by a server that answers. */
const NEVER = /^\/v1\/me\/|\.(md|html|csv|pdf)$/;

/** Pages that the server draws itself; nothing of them is kept. */
export const isDrawnByServer = (path: string): boolean => SERVER_PAGES.test(path);
export const isWorthKeeping = (path: string): boolean =>
  WORTH_KEEPING.test(path) && !NEVER.test(path);
