/** What stands beside the timeline, in a file of its own: a phone shows the timeline first, and this when it is asked for. */
export { Act } from "./Act.tsx";
export { Around } from "./Around.tsx";
