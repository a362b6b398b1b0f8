/** The way in and times without a network, in a real browser. */
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressGuard } from "../server/base/addresses.ts";
import { realTransport } from "../server/base/realTransport.ts";
import { DESK, linkFor, NO_BROWSER, PHONE, seriousIn, startBrowser, visit } from "./browser.ts";
import { openStage, type Stage } from "./browserStage.ts";
import { type PushService, startPushService } from "./fakes/pushService.ts";
import { eventually } from "./node.ts";
import { CLIENT, type OpenidProvider, startOpenidProvider } from "./openidProvider.ts";
import { type Proxy, startProxy } from "./proxy.ts";

const PORT = 4661;
/** Passkeys belong to a name, so the browser comes by one. */
const HERE = `http://localhost:${PORT}`;
const GOOD = "seven green kettles hum";

const PICTURES = fileURLToPath(new URL("../screenshots/", import.meta.url));
/** With `npm run screenshots` or its variable: what somebody should look at. */
async function picture(page: Page, name: string): Promise<void> {
  if (process.env["TOCSIN_SCREENSHOTS"] !== "1") return;
  await page.screenshot({ path: `${PICTURES}door-${name}.png` });
}

let stage: Stage;
let browser: Browser;
let provider: OpenidProvider;
let line: Proxy;
let pushes: PushService;

describe.skipIf(NO_BROWSER !== null)("the door in the browser", () => {
  beforeAll(async () => {
    provider = await startOpenidProvider(HERE);
    pushes = await startPushService();
    const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.0/8"]) });
    [browser, stage] = await Promise.all([
      startBrowser(),
      openStage({
        publicUrl: HERE,
        port: PORT,
        send: async (outbound) =>
          outbound.via === "http"
            ? transport.send(outbound)
            : { kind: "mail", code: 250, text: "2.0.0 taken" },
        provider: {
          name: "Acme login",
          issuer: provider.issuer,
          clientId: CLIENT.id,
          clientSecret: CLIENT.secret,
          createAs: null,
        },
      }),
    ]);
    line = await startProxy(stage.node.address);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.node.stop();
    await provider?.stop();
    await line?.stop();
    await pushes?.stop();
  });

  const come = (person: string | null, address = HERE, look = {}) =>
    visit(browser, { ...stage.node, address }, person, look);
  const isIn = (page: Page): Promise<void> =>
    page.getByRole("navigation", { name: "Main" }).waitFor();
  const isOut = (page: Page): Promise<void> =>
    page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  async function signOut(page: Page): Promise<void> {
    await page.goto("/you");
    await page.getByRole("button", { name: "Sign out" }).click();
    await isOut(page);
  }

  test("a first link, a password set, and the next time in by it, with the keyboard alone", async () => {
    const { page, complaints, context } = await come("vera");
    await page.goto("/you");
    await page.getByLabel("New password").fill("kettle");
    await page.keyboard.press("Enter");
    await page.getByText(/6 characters, and 15 are the least/).waitFor();
    await page.getByLabel("New password").fill(GOOD);
    await page.keyboard.press("Enter");
    await page.getByText("The password is set.").waitFor();
    await signOut(page);
    await page.getByLabel("E-mail address").focus();
    await page.keyboard.type("vera@acme.example");
    await page.keyboard.press("Tab");
    await page.keyboard.type("not the password");
    await page.keyboard.press("Enter");
    await page.getByText(/do not belong together/).waitFor();
    await page.getByLabel("Password").fill(GOOD);
    await page.keyboard.press("Enter");
    await isIn(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a passkey is made, opens, and opens nothing once it is removed", async () => {
    const { page, complaints, context } = await come("sofia");
    const chrome = await context.newCDPSession(page);
    await chrome.send("WebAuthn.enable");
    const { authenticatorId } = await chrome.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto("/you");
    await page.getByLabel("Name of the device").fill("Sofia’s laptop");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByText("not used yet").waitFor();
    await signOut(page);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await isIn(page);
    await page.goto("/you");
    await page.getByText("last used").waitFor();
    // A copy of it counts behind the original: refused, and recorded.
    const { credentials } = await chrome.send("WebAuthn.getCredentials", { authenticatorId });
    const [key] = credentials;
    const countFrom = async (signCount: number): Promise<void> => {
      const { credentialId } = key!;
      await chrome.send("WebAuthn.removeCredential", { authenticatorId, credentialId });
      const credential = { ...key!, signCount };
      await chrome.send("WebAuthn.addCredential", { authenticatorId, credential });
    };
    await countFrom(0);
    await signOut(page);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByText(/its counter went back/).waitFor();
    const audit = await stage.node.ask("GET /v1/audit?part=access&person=sofia");
    expect(audit.text).toContain("passkey counter went back");
    await countFrom(key!.signCount + 1);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await isIn(page);
    await page.goto("/you");
    await page.getByRole("button", { name: "Remove Sofia’s laptop" }).click();
    await page.getByText("last used").waitFor({ state: "detached" });
    await signOut(page);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByText(/not kept here/).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("the provider signs in, and leads back to the page that was wanted", async () => {
    const email = "jonas@acme.example";
    provider.accounts.set("jonas.f", { sub: "j", email, verified: true, name: "Jonas Falk" });
    const { page, context } = await come(null);
    await page.goto("/services");
    await page.getByRole("link", { name: "Sign in with Acme login" }).click();
    await page.locator("input[name=login]").fill("jonas.f");
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
    await page.locator("button[type=submit]", { hasText: /continue/i }).click();
    await page.waitForURL(`${HERE}/services`);
    await isIn(page);
    await context.close();
  });

  test("a session that is ended elsewhere is off the screen within two seconds", async () => {
    const here = await come("ines");
    const there = await come("ines");
    await there.page.goto("/incidents");
    await isIn(there.page);
    await here.page.goto("/you");
    await here.page.getByRole("button", { name: "End it" }).click();
    await there.page
      .getByRole("heading", { level: 1, name: "Sign in" })
      .waitFor({ timeout: 2_000 });
    await isIn(here.page);
    await here.context.close();
    await there.context.close();
  });

  test("the door has nothing that keeps anybody out, light and dark, on a desk and a phone", async () => {
    for (const [scheme, viewport] of [
      ["light", DESK],
      ["dark", PHONE],
    ] as const) {
      const out = await come(null, HERE, { scheme, viewport });
      for (const path of ["/", "/password#0199c0de.x"]) {
        await out.page.goto(path);
        await out.page.getByRole("heading", { level: 1 }).waitFor();
        await picture(out.page, `${path === "/" ? "in" : "password"}-${scheme}`);
        for (const summary of await out.page.locator("summary").all()) await summary.click();
        expect(await seriousIn(out.page), `${path} ${scheme}`).toEqual([]);
        const wide = await out.page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        expect(wide, `${path} is wider than its window`).toBe(0);
        const frame = await out.page.locator(".panel").boundingBox();
        expect(frame?.width, "the door has its styles").toBeLessThanOrEqual(520);
      }
      await out.context.close();
      const inside = await come("vera", HERE, { scheme, viewport });
      await inside.page.goto("/you");
      await inside.page.getByRole("heading", { name: "Passkeys" }).waitFor();
      await picture(inside.page, `you-${scheme}`);
      expect(await seriousIn(inside.page), `you ${scheme}`).toEqual([]);
      await inside.context.close();
    }
  });

  test("German throughout the door, chosen by the browser and then by the person", async () => {
    const context = await browser.newContext({ baseURL: HERE, locale: "de-DE" });
    const page = await context.newPage();
    await page.goto("/");
    await page.getByRole("heading", { name: "Anmelden", level: 1 }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("de");
    await page.getByLabel("E-Mail-Adresse").fill("oleg@acme.example");
    await page.getByLabel("Passwort", { exact: true }).fill("not the password");
    await page.keyboard.press("Enter");
    await page.getByText(/gehören nicht zusammen/).waitFor();
    await page.goto(await linkFor(stage.node, "oleg"));
    await page.getByRole("button", { name: /^Anmelden/ }).click();
    await page.goto("/you");
    await page.getByRole("heading", { name: "Passwort" }).waitFor();
    await picture(page, "you-german");
    await page.getByRole("group", { name: "Sprache" }).getByLabel("English").click();
    await page.getByRole("heading", { name: "Password", exact: true }).waitFor();
    // The door, which is drawn before any script, remembers it too.
    await context.clearCookies({ name: "tocsin" });
    const drawn = await context.request.get("/", { headers: { "accept-language": "de" } });
    expect(await drawn.text()).toContain('<html lang="en">');
    await context.close();
  });

  /** Comes by the line that can be cut, with the app and an incident kept. */
  async function comeToRead(person: string, incident: string) {
    const address = `http://localhost:${new URL(line.url).port}`;
    const visiting = await come(person, address, { offline: true });
    await visiting.page.evaluate("navigator.serviceWorker.ready.then(() => null)");
    await visiting.page.goto(`/incidents/${incident}`);
    await visiting.page.getByRole("log").waitFor();
    await visiting.page.waitForTimeout(500);
    return visiting;
  }
  const acknowledge = (page: Page): Promise<void> =>
    page.getByRole("button", { name: "Acknowledge", exact: true }).first().click();
  const has = (context: BrowserContext, page: Page, cache: string): Promise<unknown> =>
    page.evaluate(`caches.has(${JSON.stringify(cache)})`);

  test("without a network the incident is read, and an acknowledge waits, says so, and merges later", async () => {
    const incident = await stage.ring("search", "The index is empty");
    const { page, context } = await comeToRead("mara", incident);
    const numbers = page.locator("main a[href^='tel:']");
    await page.goto("/services/search");
    await numbers.first().waitFor();
    await page.waitForTimeout(500);
    await page.goto(`/incidents/${incident}`);
    await page.getByRole("log").waitFor();
    line.cut();
    await acknowledge(page);
    await page
      .getByText(/Not sent yet, escalation continues/)
      .first()
      .waitFor();
    await page.getByText("1 waits to be sent").waitFor();
    await page.reload();
    await page.getByText("The index is empty").first().waitFor();
    await picture(page, "no-network");
    await page.getByText(/not sent yet, escalation continues/).waitFor();
    // Whom to call about a service is there too.
    await page.goto("/services/search");
    await numbers.first().waitFor();
    await picture(page, "no-network-service");
    const asked = await stage.node.ask(`GET /v1/incidents/${incident}`);
    expect(asked.json["acknowledgedBy"]).toBeNull();
    line.mend();
    await page.getByText("sent, and done.").waitFor();
    await picture(page, "merged");
    const merged = await stage.node.ask(`GET /v1/incidents/${incident}`);
    expect(merged.json["acknowledgedBy"]).toBe("mara");
    await page.getByRole("button", { name: /off the list/ }).click();
    expect(await has(context, page, "read")).toBe(true);
    const keeps = (path: string): Promise<unknown> =>
      page.evaluate(`caches.match(${JSON.stringify(path)}).then((kept) => kept !== undefined)`);
    expect(await keeps(`/v1/incidents/${incident}`)).toBe(true);
    // Somebody else signs in on the same device: what was read before is not theirs to see.
    await page.goto(await linkFor(stage.node, "vera"));
    await page.getByRole("button", { name: /^Sign in/ }).click();
    await isIn(page);
    await page.waitForTimeout(500);
    expect(await keeps(`/v1/incidents/${incident}`)).toBe(false);
    await page.goto("/you");
    await page.getByRole("button", { name: "Sign out" }).click();
    await isOut(page);
    expect(await has(context, page, "read")).toBe(false);
    await context.close();
  });

  test("of two who acknowledge one wins, and the one without a network is told who", async () => {
    const incident = await stage.ring("billing", "Invoices are late");
    const { page, context } = await comeToRead("mara", incident);
    line.cut();
    await acknowledge(page);
    await page.getByText("1 waits to be sent").waitFor();
    await stage.act("priya", incident, "acknowledge");
    line.mend();
    await page.getByText(/not done\..*was acknowledged by priya/).waitFor();
    // What was said while it waited is not true any more.
    await page.getByText("Not sent yet, escalation continues.").waitFor({ state: "detached" });
    const merged = await stage.node.ask(`GET /v1/incidents/${incident}`);
    expect(merged.json["acknowledgedBy"]).toBe("priya");
    await context.close();
  });

  /** Headless browsers have no push service of their own: the page is given one of ours to subscribe at. */
  async function comeWithPush(person: string) {
    const visiting = await come(person, HERE, { offline: true });
    await visiting.context.grantPermissions(["notifications"]);
    const { json } = await stage.node.ask<{ senderKey: string }>("GET /v1/me/devices");
    const given = pushes.subscribe(json.senderKey);
    const subscription = `({ toJSON: () => (${JSON.stringify(given)}), options: {}, unsubscribe: async () => true })`;
    await visiting.page.addInitScript(`
      PushManager.prototype.getSubscription = async () => globalThis.subscribed ?? null;
      PushManager.prototype.subscribe = async () => (globalThis.subscribed = ${subscription});`);
    await visiting.page.goto("/you");
    await visiting.page.evaluate("navigator.serviceWorker.ready.then(() => null)");
    return { ...visiting, endpoint: given.endpoint };
  }

  test("a page rings in a browser that was allowed to, and is acknowledged from there", async () => {
    const { page, context, endpoint, complaints } = await comeWithPush("sofia");
    await picture(page, "you-devices-before");
    await page.getByRole("button", { name: "Let pages ring here" }).click();
    await page.getByText(/rings since .*, not rung yet/).waitFor();
    await picture(page, "you-devices");
    expect(await seriousIn(page)).toEqual([]);
    const body = { title: "Rollouts hang", severity: "SEV1", services: ["search"] };
    const declared = await stage.node.ask<{ id: string }>("POST /v1/incidents", { body });
    const incident = declared.json.id;
    await stage.node.ask(`POST /v1/incidents/${incident}/reassign`, {
      body: { to: { person: "sofia" } },
    });
    const pushed = await eventually(
      async () =>
        pushes.pushed().find((each) => each.endpoint === endpoint && each.data["acknowledge"]) ??
        null,
    );
    const [worker] = context.serviceWorkers();
    const ring = `new PushEvent("push", { data: ${JSON.stringify(JSON.stringify(pushed.data))} })`;
    await worker!.evaluate(`self.dispatchEvent(${ring})`);
    const shown = (): Promise<{ title: string; body: string; actions: unknown[] } | null> =>
      worker!.evaluate(
        `self.registration.getNotifications().then(([it]) => it === undefined ? null : { title: it.title, body: it.body, actions: it.actions })`,
      );
    const rung = await eventually(shown);
    expect(rung).toMatchObject({ title: `[SEV1] ${incident} Rollouts hang`, body: "search" });
    expect(rung.actions).toHaveLength(1);
    await worker!.evaluate(
      `self.registration.getNotifications().then(([notification]) => self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action: "acknowledge" })))`,
    );
    await eventually(async () => ((await shown())?.body.startsWith("You have it") ? true : null));
    const { json } = await stage.node.ask(`GET /v1/incidents/${incident}`);
    expect(json["acknowledgedBy"]).toBe("sofia");
    await page.reload();
    await page.getByText(/rings since .*, last rung/).waitFor();
    await page.getByRole("button", { name: /^Remove/ }).click();
    await page.getByRole("button", { name: "Let pages ring here" }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
