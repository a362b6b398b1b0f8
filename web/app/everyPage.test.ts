/** No page escapes being looked at: what the router knows is in the list that axe and the pictures go through. */
import { expect, test } from "vitest";
import { everyPage } from "../../test/everyPage.ts";
import { makeQueries } from "./queries.ts";
import { makeRouter } from "./router.tsx";

const router = makeRouter(makeQueries());

test("every address of the router is in the list of pages, and nothing else is", () => {
  const pages: Readonly<Record<keyof typeof router.routesByPath, object>> = everyPage({
    burning: "INC-2",
    over: "INC-1",
    alert: "an-alert",
    run: "RUN-1",
  });
  expect(Object.keys(pages).toSorted()).toEqual(Object.keys(router.routesByPath).toSorted());
});
