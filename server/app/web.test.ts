/** The app's page comes to whoever has a session, also while the store cannot say who that is. */
import { expect, test } from "vitest";
import { silentLog } from "../base/log.ts";
import { Raw } from "../base/routes.ts";
import { ENGINE } from "../domain/account/account.ts";
import { webPages } from "./web.ts";

test.each([
  ["is away", () => Promise.reject(new Error("connection refused"))],
  ["does not answer", () => new Promise<never>(() => undefined)],
])("while the store %s, in time and without a place", async (_, placeFor) => {
  const warned: string[] = [];
  const routes = webPages({
    publicUrl: "http://x.example",
    provider: null,
    ask: () => Promise.reject(new Error("nothing is drawn for nobody")),
    placeFor,
    log: { ...silentLog, warn: (message) => void warned.push(message) },
  });
  const home = routes.find(({ route }) => route.path === "/")!;
  const headers = { cookie: "tocsin=ada" };
  const page = await home.answer({
    actor: ENGINE,
    params: {},
    query: {},
    body: undefined,
    request: { requestId: "1", headers, address: "::1", rawBody: Buffer.alloc(0) },
  } as never);
  expect(page).toBeInstanceOf(Raw);
  expect((page as Raw).body).not.toContain("data-place");
  expect(warned).toHaveLength(1);
});
